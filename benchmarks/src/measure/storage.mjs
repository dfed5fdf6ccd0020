import { Redis } from 'ioredis'
import { startSubject } from '../subject-process.mjs'
import { countCommands } from './count-commands.mjs'

const SESSIONS = 10
const REFRESHES_COUNTED = 20

/**
 * What a session is in Redis: the commands of a refresh, counted at the server, and the bytes of all that is stored for a
 * session after so many refreshes (`MEMORY USAGE` of every key).
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
    for (const key of keys) pipeline.memory('USAGE', key, 'SAMPLES', 0)
    for (const [, bytes] of await pipeline.exec()) sum += bytes ?? 0
  }
  client.disconnect()
  return sum
}

function perRefresh(commands, refreshes) {
  return new Map([...commands].map(([name, count]) => [name, count / refreshes]))
}
