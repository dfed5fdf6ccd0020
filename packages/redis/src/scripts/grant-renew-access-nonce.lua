-- @include grant-record.lua
-- KEYS[1]  the grant
-- ARGV[1]  strings: the new access nonce
-- returns  1 if the grant has it now, 0 if there is no grant or it is revoked
-- keeps    nothing else changes

local value = readValue(KEYS[1])
if not value then return 0 end
local grant = readGrant(value)
if grant.revokedAt then return 0 end
grant.accessNonce = cmsgpack.unpack(ARGV[1])
writeGrant(KEYS[1], grant)
return 1
