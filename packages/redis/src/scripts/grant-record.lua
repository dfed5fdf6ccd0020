-- Not a script of its own: what every script that works on a grant begins with.
--
-- A grant is one string: a byte for the layout (2: the same as 1, of a grant with offline lifetimes), eight doubles (so that
-- its size does not depend on what they hold; infinity is "no limit"), and the strings in MessagePack (nil is "absent"). The
-- same is written and read in grant-record.ts. Strings are moved and compared here, never looked into.

-- To the server GETEX is a write that needs no memory. So a replica refuses it, and nobody is judged by what is out of
-- date there; and when the memory is full, grants that are there still turn and end.
local function readValue(key)
  return redis.call('GETEX', key)
end

-- All of them, the last ones too: cut off before them a revoked grant would be a live one.
local function setStrings(grant, ...)
  if select('#', ...) ~= 15 then error('The record of a grant is damaged, and cannot be read') end
  grant.clientId, grant.subjectHash, grant.sessionHash, grant.boundKey, grant.codeProof, grant.nonce,
    grant.previousNonce, grant.keyHash, grant.previousKeyHash, grant.accessNonce, grant.facts, grant.seen,
    grant.revokedAt, grant.reason, grant.by = ...
end

local function readGrant(value)
  local layout = string.byte(value)
  if layout ~= 1 and layout ~= 2 then error('The grant has a layout that this version does not know') end
  local grant = {layout = layout}
  grant.generation, grant.createdAt, grant.turnedAt, grant.idleLifetime, grant.absoluteExpiresAt, grant.expiresAt,
    grant.revision, grant.format = struct.unpack('>dddddddd', value, 2)
  setStrings(grant, cmsgpack.unpack(string.sub(value, 66)))
  return grant
end

-- One write, so that it happens or does not, and the key's own expiry with it.
local function writeGrant(key, grant)
  local value = struct.pack('>Bdddddddd', grant.layout, grant.generation, grant.createdAt, grant.turnedAt, grant.idleLifetime,
    grant.absoluteExpiresAt, grant.expiresAt, grant.revision, grant.format)
    .. cmsgpack.pack(grant.clientId, grant.subjectHash, grant.sessionHash, grant.boundKey, grant.codeProof,
      grant.nonce, grant.previousNonce, grant.keyHash, grant.previousKeyHash, grant.accessNonce, grant.facts,
      grant.seen, grant.revokedAt, grant.reason, grant.by)
  redis.call('SET', key, value, 'PXAT', string.format('%.0f', math.ceil(grant.expiresAt)))
  return value
end

local function isLive(grant, now)
  return not grant.revokedAt and grant.expiresAt > now
end

-- Kept as a number whatever happens: both limits infinite is outside the interface.
local function expiry(from, idleLifetime, absoluteExpiresAt)
  return math.min(from + idleLifetime, absoluteExpiresAt, 9007199254740991)
end

local function contains(value, ...)
  for index = 1, select('#', ...) do
    if select(index, ...) == value then return true end
  end
  return false
end
