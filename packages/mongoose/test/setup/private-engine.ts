import { startMongo } from '@oauth-ratchet/engines'
import type { TcpTarget } from '@oauth-ratchet/engines'
import mongoose from 'mongoose'

/** A server of one test file, so that its faults meet nobody else and its counts count nobody else. */
export interface PrivateEngine extends TcpTarget {
  readonly url: string
  /** Arms MongoDB's own fault interface for everything that any client of this server sends. */
  failCommand(fault: CommandFault, mode?: 'alwaysOn' | { readonly times: number }): Promise<void>
  /** No fault from now on. */
  heal(): Promise<void>
  /** How many commands of each name the server has seen. */
  counts(): Promise<ReadonlyMap<string, number>>
  stop(): Promise<void>
}

export interface CommandFault {
  readonly failCommands: readonly string[]
  readonly errorCode?: number
  readonly closeConnection?: boolean
  readonly blockConnection?: boolean
  readonly blockTimeMS?: number
  readonly writeConcernError?: { readonly code: number; readonly codeName: string; readonly errmsg: string }
}

/** A real mongod where there is a program for it, the stand-in where there is none. */
export async function startPrivateEngine(): Promise<PrivateEngine> {
  const engine = await startMongo()
  const client = new mongoose.mongo.MongoClient(engine.url)
  const admin = client.db('admin')
  const configure = async (settings: mongoose.mongo.Document): Promise<void> => {
    await admin.command({ configureFailPoint: 'failCommand', ...settings })
  }
  return {
    ...(await addressOf(engine.url)),
    url: engine.url,
    failCommand: (fault, mode = { times: 1 }) => configure({ mode, data: fault }),
    heal: () => configure({ mode: 'off' }),
    counts: async () => {
      const { metrics } = await admin.command({ serverStatus: 1 })
      const commands: Readonly<Record<string, { total?: number }>> = metrics.commands
      return new Map(Object.entries(commands).map(([name, { total = 0 }]) => [name, total]))
    },
    stop: async () => {
      await client.close()
      await engine.stop()
    },
  }
}

/** Where the primary listens: for a proxy to stand before it. */
export async function addressOf(url: string): Promise<TcpTarget> {
  const client = new mongoose.mongo.MongoClient(url)
  try {
    const { primary } = await client.db('admin').command({ hello: 1 })
    const { hostname: host, port } = new URL(typeof primary === 'string' ? `mongodb://${primary}` : url)
    return { host, port: Number(port) }
  } finally {
    await client.close()
  }
}

/** By this address a client stays with this one server, and does not go on to where the server says that it is. */
export function directUrl({ host, port }: TcpTarget): string {
  return `mongodb://${host}:${port}/?directConnection=true`
}
