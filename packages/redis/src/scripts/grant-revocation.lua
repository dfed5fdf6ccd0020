-- Not a script of its own: what the scripts that revoke share.

local function writeRevoked(key, grant, at, keepUntil, reason, by)
  grant.revokedAt, grant.reason, grant.by = at, reason, by
  grant.facts, grant.seen = '', nil
  grant.expiresAt = keepUntil
  writeGrant(key, grant)
end

local function writeTombstone(key, at, keepUntil, reason, by)
  writeRevoked(key, {
    generation = 0, createdAt = 0, turnedAt = 0, idleLifetime = 0, absoluteExpiresAt = 0, revision = 0, format = 0,
    clientId = '', subjectHash = '', nonce = '', accessNonce = '',
  }, at, keepUntil, reason, by)
end

-- A tombstone ended none.
local function wasEndedBy(grant, by)
  return grant.by == by and grant.clientId ~= ''
end
