-- KEYS[1]  the client
-- KEYS[2]  the index of all clients
-- ARGV[1]  the client's id
-- returns  1 if there was one, 0 if not
-- keeps    a client that is not there is not in the index

redis.call('ZREM', KEYS[2], ARGV[1])
return redis.call('DEL', KEYS[1])
