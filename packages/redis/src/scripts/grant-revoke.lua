-- @include grant-record.lua
-- @include grant-revocation.lua
-- KEYS[1]  the grant
-- ARGV[1]  when it is revoked
-- ARGV[2]  until when that is kept
-- ARGV[3]  strings: reason, id of this call, expected nonce, expected revision; the last two may be absent: any
-- ARGV[4]  strings: the subject hashes of which it must have one; absent: any grant, and a tombstone where there is none
-- returns  '1' or '0' for ended by this call or not, and behind it the record as it was, if there was one
-- keeps    what is revoked stays so, with its first reason

local value = readValue(KEYS[1])
local grant = value and readToRevoke(value)
local at, keepUntil = tonumber(ARGV[1]), tonumber(ARGV[2])
local reason, by, nonce, revision = cmsgpack.unpack(ARGV[3])

if (ARGV[4] and not (grant and contains(grant.subjectHash, cmsgpack.unpack(ARGV[4]))))
  or (nonce and not (grant and grant.nonce == nonce))
  or (revision and not (grant and grant.revision == tonumber(revision)))
then
  return '0' .. (value or '')
end
if grant and isLive(grant, at) then
  writeRevoked(KEYS[1], grant, ARGV[1], keepUntil, reason, by)
  return '1' .. value
end
if grant and grant.revokedAt and (grant.expiresAt > at or grant.by == by) then
  -- Ended already. The later caller's promise of how long that can be seen counts too.
  if keepUntil > grant.expiresAt then
    grant.expiresAt = keepUntil
    writeGrant(KEYS[1], grant)
  end
  return (wasEndedBy(grant, by) and '1' or '0') .. value
end
if not (ARGV[4] or nonce or revision) then writeTombstone(KEYS[1], ARGV[1], keepUntil, reason, by) end
return '0' .. (grant and value or '')
