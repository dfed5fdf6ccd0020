-- KEYS[1]  an index, of a subject or of the clients
-- ARGV[1]  the lower bound of the entries
-- ARGV[2]  the upper bound
-- ARGV[3]  how many entries at most
-- returns  the entries in their order
-- keeps    it is not answered by a replica, which may not have heard of the latest entry

-- Removes nothing, whatever is there; but it is a write, and those a replica refuses.
redis.call('ZREMRANGEBYRANK', KEYS[1], 1, 0)
return redis.call('ZRANGEBYLEX', KEYS[1], ARGV[1], ARGV[2], 'LIMIT', 0, ARGV[3])
