-- KEYS[1]  the mark
-- ARGV[1]  its owner
-- ARGV[2]  when it expires
-- ARGV[3]  now
-- returns  1 if the mark is the owner's, 0 if it is another's
-- keeps    until it expires a mark has one owner

local mark = redis.call('GET', KEYS[1])
if mark then
  local space = string.find(mark, ' ', 1, true)
  if tonumber(string.sub(mark, 1, space - 1)) > tonumber(ARGV[3]) then
    return string.sub(mark, space + 1) == ARGV[1] and 1 or 0
  end
end
redis.call('SET', KEYS[1], ARGV[2] .. ' ' .. ARGV[1], 'PXAT', ARGV[2])
return 1
