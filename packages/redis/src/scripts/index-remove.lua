-- KEYS[1]  the index of a subject
-- ARGV[1]  and what follows: a list's letter and a grant's place in it, without what else the entry says
-- returns  nothing
-- keeps    no other grant's entry is touched

for _, place in ipairs(ARGV) do
  redis.call('ZREMRANGEBYLEX', KEYS[1], '[' .. place .. ' ', '(' .. place .. '!')
end
return false
