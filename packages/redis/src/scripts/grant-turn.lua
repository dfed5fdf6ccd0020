-- @include grant-record.lua
-- KEYS[1]  the grant
-- ARGV[1]  now
-- ARGV[2]  the generation that is expected
-- ARGV[3]  the newest format that the caller knows
-- ARGV[4]  cap of the idle lifetime, or empty
-- ARGV[5]  cap of the lifetime since the creation, or empty
-- ARGV[6]  strings: expected nonce, client, bound key; next nonce, key hash, seen
-- ARGV[7]  only to reseal: the revision that is expected, or empty
-- ARGV[8]  its format
-- ARGV[9]  strings: facts, subject hash, session hash
-- ARGV[10] only where grants with offline lifetimes have caps of their own: that of the idle lifetime, or empty
-- ARGV[11] and that of the lifetime since the creation, or empty
-- returns  nil if there is no grant; '1' or '0' for turned or not, and behind it the record as it now stands
-- keeps    of all callers that expect the same generation and nonce one turns

local value = readValue(KEYS[1])
if not value then return false end
local grant = readGrant(value)
local now = tonumber(ARGV[1])
local nonce, clientId, boundKey, nextNonce, keyHash, seen = cmsgpack.unpack(ARGV[6])

if not isLive(grant, now)
  or grant.generation ~= tonumber(ARGV[2])
  or grant.nonce ~= nonce
  or grant.clientId ~= clientId
  or (grant.boundKey and grant.boundKey ~= boundKey)
  or grant.format > tonumber(ARGV[3])
then
  return '0' .. value
end

if grant.revision == tonumber(ARGV[7] or '') then
  grant.revision = grant.revision + 1
  grant.format = tonumber(ARGV[8])
  grant.facts, grant.subjectHash, grant.sessionHash = cmsgpack.unpack(ARGV[9])
end
grant.generation = grant.generation + 1
grant.previousNonce, grant.nonce = grant.nonce, nextNonce
grant.previousKeyHash, grant.keyHash = grant.keyHash, keyHash
grant.seen = seen or grant.seen
grant.turnedAt = now
local idleCap, absoluteCap = ARGV[4], ARGV[5]
if grant.layout == 2 and ARGV[10] then idleCap, absoluteCap = ARGV[10], ARGV[11] end
local idleLifetime = math.min(grant.idleLifetime, tonumber(idleCap) or math.huge)
local absoluteExpiresAt = math.min(grant.absoluteExpiresAt, grant.createdAt + (tonumber(absoluteCap) or math.huge))
grant.expiresAt = expiry(now, idleLifetime, absoluteExpiresAt)
return '1' .. writeGrant(KEYS[1], grant)
