-- KEYS[1]  the index of a subject
-- ARGV[1]  the entry
-- ARGV[2]  now
-- ARGV[3]  when the grant ends whatever happens, or empty for never
-- ARGV[4]  how many entries to answer
-- returns  some entries, taken at random, for the caller to look whether their grants still are
-- keeps    the index lives at least as long as every grant that was ever entered

local existed = redis.call('EXISTS', KEYS[1]) == 1
redis.call('ZADD', KEYS[1], 0, ARGV[1])
if ARGV[3] == '' then
  redis.call('PERSIST', KEYS[1])
else
  local left = redis.call('PTTL', KEYS[1])
  if not existed or (left >= 0 and left < tonumber(ARGV[3]) - tonumber(ARGV[2])) then
    redis.call('PEXPIREAT', KEYS[1], ARGV[3])
  end
end
return redis.call('ZRANDMEMBER', KEYS[1], ARGV[4])
