-- @include grant-record.lua
-- KEYS[1]  the grant
-- ARGV[1]  packed: now; what is expected: generation, newest format that the caller knows, nonce, client, bound key; caps of the
--          idle lifetime and of the lifetime since the creation, or nil; what becomes of it: nonce, key hash, seen
-- ARGV[2]  only to reseal, else absent or empty. Packed: the revision that is expected; format, facts, subject hash, session hash
-- ARGV[3]  only where grants with offline lifetimes have caps of their own. Packed: both caps, or nil
-- returns  nil if there is no grant; '1' or '0' for turned or not, and behind it the record as it now stands
-- keeps    of all callers that expect the same generation and nonce one turns

local value = readValue(KEYS[1])
if not value then return false end
local grant = readGrant(value)
local now, generation, newestFormat, nonce, clientId, boundKey, idleCap, absoluteCap, nextNonce, keyHash, seen =
  cmsgpack.unpack(ARGV[1])

if not isLive(grant, now)
  or grant.generation ~= generation
  or grant.nonce ~= nonce
  or grant.clientId ~= clientId
  or (grant.boundKey and grant.boundKey ~= boundKey)
  or grant.format > newestFormat
then
  return '0' .. value
end

if ARGV[2] and ARGV[2] ~= '' then
  local revision, format, facts, subjectHash, sessionHash = cmsgpack.unpack(ARGV[2])
  if grant.revision == revision then
    grant.revision = grant.revision + 1
    grant.format = format
    grant.facts, grant.subjectHash, grant.sessionHash = facts, subjectHash, sessionHash
  end
end
grant.generation = grant.generation + 1
grant.previousNonce, grant.nonce = grant.nonce, nextNonce
grant.previousKeyHash, grant.keyHash = grant.keyHash, keyHash
grant.seen = seen or grant.seen
grant.turnedAt = now
if grant.layout == 2 and ARGV[3] then idleCap, absoluteCap = cmsgpack.unpack(ARGV[3]) end
local idleLifetime = math.min(grant.idleLifetime, idleCap or math.huge)
local absoluteExpiresAt = math.min(grant.absoluteExpiresAt, grant.createdAt + (absoluteCap or math.huge))
grant.expiresAt = expiry(now, idleLifetime, absoluteExpiresAt)
return '1' .. writeGrant(KEYS[1], grant)
