-- KEYS[1]  an index, of a subject or of the clients
-- ARGV[1]  the lower bound of the entries
-- ARGV[2]  the upper bound
-- ARGV[3]  how many entries at most
-- ARGV[4]  what they end with, or empty
-- returns  the last entry that was looked at, or empty if there is none behind it; and the entries in their order
-- keeps    it is not answered by a replica, which may not have heard of the latest entry; it takes a bounded time

-- Removes nothing, whatever is there; but it is a write, and those a replica refuses.
redis.call('ZREMRANGEBYRANK', KEYS[1], 1, 0)
local limit, ending = tonumber(ARGV[3]), ARGV[4]
local batch = ending == '' and limit or 1000
local from, entries = ARGV[1], {}
for _ = 1, 5 do
  local found = redis.call('ZRANGEBYLEX', KEYS[1], from, ARGV[2], 'LIMIT', 0, batch)
  for _, entry in ipairs(found) do
    if ending == '' or string.sub(entry, -#ending) == ending then
      entries[#entries + 1] = entry
      if #entries == limit then return {entry, entries} end
    end
  end
  if #found < batch then return {'', entries} end
  from = '(' .. found[#found]
end
return {string.sub(from, 2), entries}
