-- KEYS[1]  the grant
-- ARGV[1]  the record as it is kept
-- ARGV[2]  when it expires
-- returns  nil if it was inserted; otherwise the record that is there
-- keeps    what is there stays, in whatever state it is

if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PXAT', ARGV[2]) then return false end
return redis.call('GET', KEYS[1])
