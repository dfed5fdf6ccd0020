// What oidc-provider asks of a store: https://github.com/panva/node-oidc-provider/blob/main/docs/README.md#adapter
// Laid out as the adapter for Redis among its examples: a hash for what is consumed, a string for the rest, a list for each
// grant with the keys of all that came of it.
const consumable = new Set([
  'AuthorizationCode',
  'RefreshToken',
  'DeviceCode',
  'BackchannelAuthenticationRequest',
])
const ofGrant = new Set([...consumable, 'AccessToken'])

export function createAdapter(redis) {
  return (model) => {
    const keyOf = (id) => `${model}:${id}`
    const find = async (id) => {
      if (!consumable.has(model)) return JSON.parse((await redis.get(keyOf(id))) ?? 'null') ?? undefined
      const { payload, consumed } = await redis.hgetall(keyOf(id))
      return payload === undefined ? undefined : { ...JSON.parse(payload), ...(consumed && { consumed }) }
    }
    const findThrough = async (index) => find(await redis.get(index))
    return {
      find,
      findByUid: (uid) => findThrough(`uid:${uid}`),
      findByUserCode: (code) => findThrough(`userCode:${code}`),
      upsert: async (id, payload, expiresIn) => {
        const key = keyOf(id)
        const json = JSON.stringify(payload)
        const list = ofGrant.has(model) && payload.grantId ? `grant:${payload.grantId}` : undefined
        const listSeconds = list === undefined ? 0 : await redis.ttl(list)
        const writes = redis.multi()
        if (consumable.has(model)) writes.hset(key, 'payload', json)
        else writes.set(key, json)
        if (expiresIn) writes.expire(key, expiresIn)
        if (list !== undefined) {
          writes.rpush(list, key)
          if (expiresIn > listSeconds) writes.expire(list, expiresIn)
        }
        if (payload.userCode) writes.set(`userCode:${payload.userCode}`, id, 'EX', expiresIn)
        if (payload.uid) writes.set(`uid:${payload.uid}`, id, 'EX', expiresIn)
        await writes.exec()
      },
      consume: (id) => redis.hset(keyOf(id), 'consumed', Math.floor(Date.now() / 1000)),
      destroy: (id) => redis.del(keyOf(id)),
      revokeByGrantId: async (grantId) => {
        const list = `grant:${grantId}`
        const keys = await redis.lrange(list, 0, -1)
        await redis.del(list, ...keys)
      },
    }
  }
}
