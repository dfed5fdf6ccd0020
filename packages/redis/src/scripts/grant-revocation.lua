-- Not a script of its own: what the scripts that revoke share.

-- Nil for a damaged record: nobody can use it, so to end it is to put a tombstone in its place, as where there is none.
-- Another layout is no damage, but a newer version's.
local function readToRevoke(value)
  local isRead, grant = pcall(readGrant, value)
  if isRead then return grant end
  local layout = string.byte(value)
  if layout ~= 1 and layout ~= 2 then error(grant) end
end

local function writeRevoked(key, grant, at, keepUntil, reason, by)
  grant.revokedAt, grant.reason, grant.by = at, reason, by
  grant.facts, grant.seen = '', nil
  grant.expiresAt = keepUntil
  writeGrant(key, grant)
end

local function writeTombstone(key, at, keepUntil, reason, by)
  writeRevoked(key, {
    layout = 1, generation = 0, createdAt = 0, turnedAt = 0, idleLifetime = 0, absoluteExpiresAt = 0, revision = 0, format = 0,
    clientId = '', subjectHash = '', nonce = '', accessNonce = '',
  }, at, keepUntil, reason, by)
end

-- A tombstone ended none.
local function wasEndedBy(grant, by)
  return grant.by == by and grant.clientId ~= ''
end
