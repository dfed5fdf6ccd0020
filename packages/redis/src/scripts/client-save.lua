-- KEYS[1]  the client
-- KEYS[2]  the index of all clients
-- ARGV[1]  the revision that is expected, or empty: there is no such client
-- ARGV[2]  the new revision
-- ARGV[3]  the document
-- ARGV[4]  the client's id
-- returns  1 if it is stored now, 0 if another revision is
-- keeps    each revision is replaced once; every client is in the index

local present = redis.call('GET', KEYS[1])
local saved = ARGV[2] .. ' ' .. ARGV[3]
if (present and string.match(present, '^(%S+) ') or '') ~= ARGV[1] then return present == saved and 1 or 0 end
redis.call('ZADD', KEYS[2], 0, ARGV[4])
redis.call('SET', KEYS[1], saved)
return 1
