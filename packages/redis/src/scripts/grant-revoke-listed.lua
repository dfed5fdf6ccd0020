-- @include grant-record.lua
-- @include grant-revocation.lua
-- KEYS[1]  the grant
-- ARGV[1]  when it is revoked
-- ARGV[2]  until when that is kept
-- ARGV[3]  strings: reason, id of this call, client, session hash; the last two may be absent: any
-- ARGV[4]  strings: the subject hashes of which it must have one
-- ARGV[5]  strings: the session hashes of which it must have none
-- returns  '1' and the record as it was if this call ended it; '0' if the index entry has nothing to lead to any more;
--          nil if the grant was left alone
-- keeps    a grant that is just being created, known by its index entry alone, does not come to be, and none that is damaged stays

local value = readValue(KEYS[1])
local reason, by, clientId, sessionHash = cmsgpack.unpack(ARGV[3])
local grant = value and readToRevoke(value)
if not grant then
  writeTombstone(KEYS[1], ARGV[1], tonumber(ARGV[2]), reason, by)
  return '0'
end
if grant.revokedAt and not wasEndedBy(grant, by) then return '0' end
if not (isLive(grant, tonumber(ARGV[1])) or grant.revokedAt)
  or (clientId and grant.clientId ~= clientId)
  or (sessionHash and grant.sessionHash ~= sessionHash)
  or not contains(grant.subjectHash, cmsgpack.unpack(ARGV[4]))
  or (grant.sessionHash and contains(grant.sessionHash, cmsgpack.unpack(ARGV[5])))
then
  return false
end
if not grant.revokedAt then writeRevoked(KEYS[1], grant, ARGV[1], tonumber(ARGV[2]), reason, by) end
return '1' .. value
