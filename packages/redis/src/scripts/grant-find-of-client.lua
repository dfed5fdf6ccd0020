-- @include grant-record.lua
-- KEYS[1]  the grant
-- ARGV[1]  strings: the client
-- returns  the record if it is a grant of this client, or if it cannot be read; otherwise nil
-- keeps    nothing is written

local value = readValue(KEYS[1])
if not value then return false end
local isRead, grant = pcall(readGrant, value)
if isRead and grant.clientId ~= cmsgpack.unpack(ARGV[1]) then return false end
return value
