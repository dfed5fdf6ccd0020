import { mongo } from 'mongoose'

export interface MongoHello {
  readonly version: string
  readonly setName: string | undefined
  readonly members: number
}

/** Runs something with a client of its own. */
export async function withMongoClient<T>(
  url: string,
  use: (client: mongo.MongoClient) => Promise<T>,
  options: mongo.MongoClientOptions = {},
): Promise<T> {
  const client = new mongo.MongoClient(url, { serverSelectionTimeoutMS: 10_000, ...options })
  try {
    await client.connect()
    return await use(client)
  } finally {
    await client.close()
  }
}

/** Who answers there. */
export async function mongoHello(url: string): Promise<MongoHello> {
  return withMongoClient(url, async (client) => {
    const admin = client.db('admin')
    const hello = await admin.command({ hello: 1 })
    const { version } = await admin.command({ buildInfo: 1 })
    const hosts: unknown = hello['hosts']
    return {
      version: String(version),
      setName: typeof hello['setName'] === 'string' ? hello['setName'] : undefined,
      members: Array.isArray(hosts) ? hosts.length : 1,
    }
  })
}
