-- @include grant-record.lua
-- KEYS[1]  the grant
-- ARGV[1]  now
-- ARGV[2]  the revision that is expected
-- ARGV[3]  new format, or empty
-- ARGV[4]  strings: facts, seen; each may be absent
-- ARGV[5]  only with new limits: the idle lifetime, or empty for none
-- ARGV[6]  when the grant ends whatever happens, or empty for never
-- returns  nil if there is no grant; '1' or '0' for amended or not, and behind it the record as it now stands
-- keeps    only a live record changes, and each revision becomes the next once

local value = readValue(KEYS[1])
if not value then return false end
local grant = readGrant(value)
if not isLive(grant, tonumber(ARGV[1])) or grant.revision ~= tonumber(ARGV[2]) then return '0' .. value end

local facts, seen = cmsgpack.unpack(ARGV[4])
grant.revision = grant.revision + 1
grant.format = tonumber(ARGV[3]) or grant.format
grant.facts = facts or grant.facts
grant.seen = seen or grant.seen
if ARGV[5] then
  grant.idleLifetime = tonumber(ARGV[5]) or math.huge
  grant.absoluteExpiresAt = tonumber(ARGV[6]) or math.huge
  -- A code keeps its own short expiry: the limits count from its redemption on.
  if grant.generation > 0 then
    grant.expiresAt = expiry(grant.turnedAt, grant.idleLifetime, grant.absoluteExpiresAt)
  end
end
return '1' .. writeGrant(KEYS[1], grant)
