// Written by scripts/embed-lua.mjs from scripts/*.lua: change those, and run it again.
import { defineScript } from './define-script.js'

const grantRecord = `
local function readValue(key)
  return redis.call('GETEX', key)
end
local function setStrings(grant, ...)
  if select('#', ...) ~= 15 then error('The record of a grant is damaged, and cannot be read') end
  grant.clientId, grant.subjectHash, grant.sessionHash, grant.boundKey, grant.codeProof, grant.nonce,
    grant.previousNonce, grant.keyHash, grant.previousKeyHash, grant.accessNonce, grant.facts, grant.seen,
    grant.revokedAt, grant.reason, grant.by = ...
end
local function readGrant(value)
  local layout = string.byte(value)
  if layout ~= 1 and layout ~= 2 then error('The grant has a layout that this version does not know') end
  local grant = {layout = layout}
  grant.generation, grant.createdAt, grant.turnedAt, grant.idleLifetime, grant.absoluteExpiresAt, grant.expiresAt,
    grant.revision, grant.format = struct.unpack('>dddddddd', value, 2)
  setStrings(grant, cmsgpack.unpack(string.sub(value, 66)))
  return grant
end
local function writeGrant(key, grant)
  local value = struct.pack('>Bdddddddd', grant.layout, grant.generation, grant.createdAt, grant.turnedAt, grant.idleLifetime,
    grant.absoluteExpiresAt, grant.expiresAt, grant.revision, grant.format)
    .. cmsgpack.pack(grant.clientId, grant.subjectHash, grant.sessionHash, grant.boundKey, grant.codeProof,
      grant.nonce, grant.previousNonce, grant.keyHash, grant.previousKeyHash, grant.accessNonce, grant.facts,
      grant.seen, grant.revokedAt, grant.reason, grant.by)
  redis.call('SET', key, value, 'PXAT', string.format('%.0f', math.ceil(grant.expiresAt)))
  return value
end
local function isLive(grant, now)
  return not grant.revokedAt and grant.expiresAt > now
end
local function expiry(from, idleLifetime, absoluteExpiresAt)
  return math.min(from + idleLifetime, absoluteExpiresAt, 9007199254740991)
end
local function contains(value, ...)
  for index = 1, select('#', ...) do
    if select(index, ...) == value then return true end
  end
  return false
end
`

const grantRevocation = `
local function readToRevoke(value)
  local isRead, grant = pcall(readGrant, value)
  if isRead then return grant end
  local layout = string.byte(value)
  if layout ~= 1 and layout ~= 2 then error(grant) end
end
local function writeRevoked(key, grant, at, keepUntil, reason, by)
  grant.revokedAt, grant.reason, grant.by = at, reason, by
  grant.facts, grant.seen = '', nil
  grant.expiresAt = keepUntil
  writeGrant(key, grant)
end
local function writeTombstone(key, at, keepUntil, reason, by)
  writeRevoked(key, {
    layout = 1, generation = 0, createdAt = 0, turnedAt = 0, idleLifetime = 0, absoluteExpiresAt = 0, revision = 0, format = 0,
    clientId = '', subjectHash = '', nonce = '', accessNonce = '',
  }, at, keepUntil, reason, by)
end
local function wasEndedBy(grant, by)
  return grant.by == by and grant.clientId ~= ''
end
`

export const clientRemove = defineScript(`
redis.call('ZREM', KEYS[2], ARGV[1])
return redis.call('DEL', KEYS[1])
`)

export const clientSave = defineScript(`
local present = redis.call('GET', KEYS[1])
local saved = ARGV[2] .. ' ' .. ARGV[3]
if (present and string.match(present, '^(%S+) ') or '') ~= ARGV[1] then return present == saved and 1 or 0 end
redis.call('ZADD', KEYS[2], 0, ARGV[4])
redis.call('SET', KEYS[1], saved)
return 1
`)

export const grantAmend = defineScript(`
${grantRecord}
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
  if grant.generation > 0 then
    grant.expiresAt = expiry(grant.turnedAt, grant.idleLifetime, grant.absoluteExpiresAt)
  end
end
return '1' .. writeGrant(KEYS[1], grant)
`)

export const grantCreate = defineScript(`
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PXAT', ARGV[2]) then return false end
return redis.call('GET', KEYS[1])
`)

export const grantFindOfClient = defineScript(`
${grantRecord}
local value = readValue(KEYS[1])
if not value then return false end
local isRead, grant = pcall(readGrant, value)
if isRead and grant.clientId ~= cmsgpack.unpack(ARGV[1]) then return false end
return value
`)

export const grantRenewAccessNonce = defineScript(`
${grantRecord}
local value = readValue(KEYS[1])
if not value then return 0 end
local grant = readGrant(value)
if grant.revokedAt then return 0 end
grant.accessNonce = cmsgpack.unpack(ARGV[1])
writeGrant(KEYS[1], grant)
return 1
`)

export const grantRevokeListed = defineScript(`
${grantRecord}
${grantRevocation}
local value = readValue(KEYS[1])
local reason, by, clientId, sessionHash = cmsgpack.unpack(ARGV[3])
local grant = value and readToRevoke(value)
if not grant then
  writeTombstone(KEYS[1], ARGV[1], tonumber(ARGV[2]), reason, by)
  return '0'
end
if grant.revokedAt and not wasEndedBy(grant, by) then return '0' end
if not (isLive(grant, tonumber(ARGV[1])) or grant.revokedAt)
  or (clientId and grant.clientId ~= clientId)
  or (sessionHash and grant.sessionHash ~= sessionHash)
  or not contains(grant.subjectHash, cmsgpack.unpack(ARGV[4]))
  or (grant.sessionHash and contains(grant.sessionHash, cmsgpack.unpack(ARGV[5])))
then
  return false
end
if not grant.revokedAt then writeRevoked(KEYS[1], grant, ARGV[1], tonumber(ARGV[2]), reason, by) end
return '1' .. value
`)

export const grantRevoke = defineScript(`
${grantRecord}
${grantRevocation}
local value = readValue(KEYS[1])
local grant = value and readToRevoke(value)
local at, keepUntil = tonumber(ARGV[1]), tonumber(ARGV[2])
local reason, by, nonce, revision = cmsgpack.unpack(ARGV[3])
if (ARGV[4] and not (grant and contains(grant.subjectHash, cmsgpack.unpack(ARGV[4]))))
  or (nonce and not (grant and grant.nonce == nonce))
  or (revision and not (grant and grant.revision == tonumber(revision)))
then
  return '0' .. (value or '')
end
if grant and isLive(grant, at) then
  writeRevoked(KEYS[1], grant, ARGV[1], keepUntil, reason, by)
  return '1' .. value
end
if grant and grant.revokedAt and (grant.expiresAt > at or grant.by == by) then
  if keepUntil > grant.expiresAt then
    grant.expiresAt = keepUntil
    writeGrant(KEYS[1], grant)
  end
  return (wasEndedBy(grant, by) and '1' or '0') .. value
end
if not (ARGV[4] or nonce or revision) then writeTombstone(KEYS[1], ARGV[1], keepUntil, reason, by) end
return '0' .. (grant and value or '')
`)

export const grantTurn = defineScript(`
${grantRecord}
local value = readValue(KEYS[1])
if not value then return false end
local grant = readGrant(value)
local now, generation, newestFormat, nonce, clientId, boundKey, idleCap, absoluteCap, nextNonce, keyHash, seen =
  cmsgpack.unpack(ARGV[1])
if not isLive(grant, now)
  or grant.generation ~= generation
  or grant.nonce ~= nonce
  or grant.clientId ~= clientId
  or (grant.boundKey and grant.boundKey ~= boundKey)
  or grant.format > newestFormat
then
  return '0' .. value
end
if ARGV[2] and ARGV[2] ~= '' then
  local revision, format, facts, subjectHash, sessionHash = cmsgpack.unpack(ARGV[2])
  if grant.revision == revision then
    grant.revision = grant.revision + 1
    grant.format = format
    grant.facts, grant.subjectHash, grant.sessionHash = facts, subjectHash, sessionHash
  end
end
grant.generation = grant.generation + 1
grant.previousNonce, grant.nonce = grant.nonce, nextNonce
grant.previousKeyHash, grant.keyHash = grant.keyHash, keyHash
grant.seen = seen or grant.seen
grant.turnedAt = now
if grant.layout == 2 and ARGV[3] then idleCap, absoluteCap = cmsgpack.unpack(ARGV[3]) end
local idleLifetime = math.min(grant.idleLifetime, idleCap or math.huge)
local absoluteExpiresAt = math.min(grant.absoluteExpiresAt, grant.createdAt + (absoluteCap or math.huge))
grant.expiresAt = expiry(now, idleLifetime, absoluteExpiresAt)
return '1' .. writeGrant(KEYS[1], grant)
`)

export const indexAdd = defineScript(`
local existed = redis.call('EXISTS', KEYS[1]) == 1
for index = 4, #ARGV do
  local entry = ARGV[index]
  if redis.call('ZADD', KEYS[1], 0, entry) == 1 then
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
`)

export const indexPage = defineScript(`
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
`)

export const indexRemove = defineScript(`
for _, place in ipairs(ARGV) do
  redis.call('ZREMRANGEBYLEX', KEYS[1], '[' .. place .. ' ', '(' .. place .. '!')
end
return false
`)

export const valueMark = defineScript(`
local mark = redis.call('GET', KEYS[1])
if mark then
  local space = string.find(mark, ' ', 1, true)
  if tonumber(string.sub(mark, 1, space - 1)) > tonumber(ARGV[3]) then
    return string.sub(mark, space + 1) == ARGV[1] and 1 or 0
  end
end
redis.call('SET', KEYS[1], ARGV[2] .. ' ' .. ARGV[1], 'PXAT', ARGV[2])
return 1
`)
