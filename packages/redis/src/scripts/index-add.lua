-- KEYS[1]  the index of a subject
-- ARGV[1]  now
-- ARGV[2]  when the grant ends whatever happens, or empty for never
-- ARGV[3]  how many entries to answer
-- ARGV[4]  and what follows: the grant's entries, at most one for each list; none: only the expiry moves
-- returns  some entries, taken at random, for the caller to look whether their grants still are
-- keeps    the index lives at least as long as every grant that was ever entered; each list has one entry for a grant

local existed = redis.call('EXISTS', KEYS[1]) == 1
for index = 4, #ARGV do
  local entry = ARGV[index]
  if redis.call('ZADD', KEYS[1], 0, entry) == 1 then
    -- After the new one, or the key would go with its last entry, and its expiry with it.
    local place = string.match(entry, '^%S+')
    for _, other in ipairs(redis.call('ZRANGEBYLEX', KEYS[1], '[' .. place .. ' ', '(' .. place .. '!')) do
      if other ~= entry then redis.call('ZREM', KEYS[1], other) end
    end
  end
end
if ARGV[2] == '' then
  redis.call('PERSIST', KEYS[1])
else
  local left = redis.call('PTTL', KEYS[1])
  if not existed or (left >= 0 and left < tonumber(ARGV[2]) - tonumber(ARGV[1])) then
    redis.call('PEXPIREAT', KEYS[1], ARGV[2])
  end
end
return redis.call('ZRANDMEMBER', KEYS[1], ARGV[3])
