-- @include grant-record.lua
-- KEYS[1]  the grant
-- ARGV[1]  now
-- ARGV[2]  the generation that is expected
-- ARGV[3]  the newest format that the caller knows
-- ARGV[4]  cap of the idle lifetime, or empty
-- ARGV[5]  strings: expected nonce, client, bound key; next nonce, key hash, seen
-- ARGV[6]  only to reseal: the revision that is expected
-- ARGV[7]  its format
-- ARGV[8]  strings: facts, subject hash, session hash
-- returns  nil if there is no grant; '1' or '0' for turned or not, and behind it the record as it now stands
-- keeps    of all callers that expect the same generation and nonce one turns

local value = readValue(KEYS[1])
if not value then return false end
local grant = readGrant(value)
local now = tonumber(ARGV[1])
local nonce, clientId, boundKey, nextNonce, keyHash, seen = cmsgpack.unpack(ARGV[5])

if not isLive(grant, now)
  or grant.generation ~= tonumber(ARGV[2])
  or grant.nonce ~= nonce
  or grant.clientId ~= clientId
  or (grant.boundKey and grant.boundKey ~= boundKey)
  or grant.format > tonumber(ARGV[3])
then
  return '0' .. value
end

if ARGV[6] and grant.revision == tonumber(ARGV[6]) then
  grant.revision = grant.revision + 1
  grant.format = tonumber(ARGV[7])
  grant.facts, grant.subjectHash, grant.sessionHash = cmsgpack.unpack(ARGV[8])
end
grant.generation = grant.generation + 1
grant.previousNonce, grant.nonce = grant.nonce, nextNonce
grant.previousKeyHash, grant.keyHash = grant.keyHash, keyHash
grant.seen = seen or grant.seen
grant.turnedAt = now
grant.expiresAt = expiry(now, math.min(grant.idleLifetime, tonumber(ARGV[4]) or math.huge), grant.absoluteExpiresAt)
return '1' .. writeGrant(KEYS[1], grant)
