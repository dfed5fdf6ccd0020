import { Redis } from 'ioredis'
import { startSubject } from '../subject-process.mjs'
import { countCommands } from './count-commands.mjs'

const SESSIONS = 10
const REFRESHES_COUNTED = 20

/** As long as the access tokens of all subjects live. */
const ACCESS_LIFETIME_MS = 900_000
/** What PTTL answers for a key that does not expire. */
const WITHOUT_EXPIRY = -1

/**
 * What a session is in Redis: the commands of a refresh, counted at the server, and the bytes that are stored for a session
 * (`MEMORY USAGE` of every key) when its last access token has ended after so many refreshes. What expires by then is not
 * counted, so that it makes no difference that the refreshes come within seconds.
 */
export async function measureStorage(subjects, redis, generator, { storageSteps }, say) {
  const figures = []
  for (const subject of subjects) {
    say(subject.name)
    const url = redis.url()
    const server = await startSubject(subject, { redis: url })
    const before = await bytesIn(url)
    const tokens = await server.issue(SESSIONS)
    const refresh = (times) => generator.run(subject, server.port, tokens, `${times}x`)
    const bytes = []
    let done = 0
    for (const step of storageSteps) {
      await refresh(step - done)
      done = step
      bytes.push(Math.round(((await bytesIn(url)) - before) / SESSIONS))
    }
    const commands = await countCommands(url, () => refresh(REFRESHES_COUNTED))
    figures.push({ subject, bytes, commands: perRefresh(commands, REFRESHES_COUNTED * SESSIONS) })
    await server.stop()
  }
  return figures
}

async function bytesIn(url) {
  const client = new Redis(url)
  let sum = 0
  for await (const keys of client.scanStream({ count: 1000 })) {
    const pipeline = client.pipeline()
    for (const key of keys) pipeline.pttl(key).memory('USAGE', key, 'SAMPLES', 0)
    const answers = (await pipeline.exec()).map(([, answer]) => answer)
    for (let i = 0; i < answers.length; i += 2) {
      const [remainingMs, bytes] = answers.slice(i, i + 2)
      if (remainingMs === WITHOUT_EXPIRY || remainingMs > ACCESS_LIFETIME_MS) sum += bytes
    }
  }
  client.disconnect()
  return sum
}

function perRefresh(commands, refreshes) {
  return new Map([...commands].map(([name, count]) => [name, count / refreshes]))
}
