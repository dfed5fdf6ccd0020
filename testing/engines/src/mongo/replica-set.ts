import { setTimeout as delay } from 'node:timers/promises'
import type { mongo } from 'mongoose'
import { waitUntil } from '../wait-until.js'
import { withMongoClient } from './hello.js'

export interface MongoMember {
  readonly host: string
  readonly port: number
  /** To this member alone, whatever its role. */
  readonly url: string
  readonly command: (command: mongo.Document) => Promise<mongo.Document>
  /** Ends it at once; its data stays for {@link MongoMember.restart}. */
  readonly kill: (signal?: NodeJS.Signals) => Promise<void>
  readonly restart: () => Promise<void>
  readonly pause: (ms: number) => Promise<void>
}

export interface MongoReplicaSet {
  readonly url: string
  readonly version: string
  readonly name: string
  readonly members: readonly MongoMember[]
  /** The primary of the moment, waited for where there is none. */
  readonly primary: () => Promise<MongoMember>
  readonly stepDown: () => Promise<void>
  /** From now on the secondaries get nothing of what is written: with `w: 1` it can be lost, with 'majority' it waits. */
  readonly holdBackSecondaries: () => Promise<void>
  readonly releaseSecondaries: () => Promise<void>
  readonly stop: () => Promise<void>
}

export interface MongoReplicaSetOptions {
  readonly binary: string
  readonly version: string
  /** Default: 3. */
  readonly members?: number
  /** More of the command line of every member. */
  readonly args?: readonly string[]
}

const NAME = 'ratchet'
const STOP_REPLICATION = { configureFailPoint: 'stopReplProducer' }
const LAUNCH_TIMEOUT_MS = 60_000

// What the library's server offers and is used here.
interface Server {
  readonly instanceInfo:
    | {
        readonly port: number
        readonly instance: {
          readonly mongodProcess?: { kill: (signal: NodeJS.Signals) => boolean } | undefined
        }
      }
    | undefined
  readonly start: (samePort: boolean) => Promise<void>
  readonly stop: (cleanup: { doCleanup: boolean; force: boolean }) => Promise<boolean>
}

function memberOf(server: Server): MongoMember {
  const port = server.instanceInfo?.port
  if (port === undefined) throw new Error('a member of the replica set has no port')
  const url = `mongodb://127.0.0.1:${port}/?directConnection=true`
  const signal = (name: NodeJS.Signals): void => {
    server.instanceInfo?.instance.mongodProcess?.kill(name)
  }
  return {
    host: '127.0.0.1',
    port,
    url,
    command: (command) => withMongoClient(url, (client) => client.db('admin').command(command)),
    kill: async (name = 'SIGKILL') => {
      signal(name)
      await waitUntil('the member is gone', () => server.instanceInfo?.instance.mongodProcess === undefined)
      // The library counts it as running until this call.
      await server.stop({ doCleanup: false, force: false })
    },
    restart: async () => {
      await server.stop({ doCleanup: false, force: false })
      await server.start(true)
    },
    pause: async (ms) => {
      signal('SIGSTOP')
      await delay(ms)
      signal('SIGCONT')
    },
  }
}

/** Waits until it is in force: a batch that was on its way would still arrive. */
async function holdBack(member: MongoMember): Promise<void> {
  const { count } = await member.command({ ...STOP_REPLICATION, mode: 'alwaysOn' })
  await member.command({
    waitForFailPoint: STOP_REPLICATION.configureFailPoint,
    timesEntered: Number(count) + 1,
    maxTimeMS: 30_000,
  })
}

async function isPrimary(member: MongoMember): Promise<boolean> {
  try {
    return (await member.command({ hello: 1 }))['isWritablePrimary'] === true
  } catch {
    return false
  }
}

async function findPrimary(members: readonly MongoMember[]): Promise<MongoMember | undefined> {
  const answers = await Promise.all(
    members.map(async (member) => ((await isPrimary(member)) ? [member] : [])),
  )
  return answers.flat()[0]
}

async function waitForPrimary(members: readonly MongoMember[]): Promise<MongoMember> {
  let primary: MongoMember | undefined
  await waitUntil(
    'the replica set has a primary',
    async () => {
      primary = await findPrimary(members)
      return primary !== undefined
    },
    { timeoutMs: 60_000, everyMs: 200 },
  )
  if (!primary) throw new Error('the replica set has no primary')
  return primary
}

/** Real `mongod` processes as a replica set, with the fault commands of `enableTestCommands`. */
export async function startMongoReplicaSet(options: MongoReplicaSetOptions): Promise<MongoReplicaSet> {
  const { binary, version, members: count = 3, args = [] } = options
  const { MongoMemoryReplSet } = await import('mongodb-memory-server-core')
  const set = await MongoMemoryReplSet.create({
    binary: { systemBinary: binary, version },
    instanceOpts: Array.from({ length: count }, () => ({ launchTimeout: LAUNCH_TIMEOUT_MS })),
    replSet: {
      name: NAME,
      count,
      storageEngine: 'wiredTiger',
      args: ['--setParameter', 'enableTestCommands=1', '--setParameter', 'ttlMonitorSleepSecs=1', ...args],
      configSettings: { electionTimeoutMillis: 2000, heartbeatIntervalMillis: 500 },
    },
  })
  const members = set.servers.map(memberOf)
  const primary = (): Promise<MongoMember> => waitForPrimary(members)
  return {
    url: set.getUri(),
    version,
    name: NAME,
    members,
    primary,
    stepDown: async () => {
      const first = await primary()
      await first.command({ replSetStepDown: 30, force: true })
    },
    holdBackSecondaries: async () => {
      const first = await primary()
      await Promise.all(members.filter((member) => member !== first).map(holdBack))
    },
    releaseSecondaries: async () => {
      // Whoever is dead at the moment comes back without the fail point.
      await Promise.allSettled(members.map((member) => member.command({ ...STOP_REPLICATION, mode: 'off' })))
    },
    stop: async () => {
      await set.stop({ doCleanup: true, force: true })
    },
  }
}
