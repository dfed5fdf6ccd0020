import { median } from './median.mjs'
import { startSubject } from '../subject-process.mjs'

const CONNECTIONS = 64

/**
 * What a refresh costs while more and more sessions live, refreshed evenly over all of them, and the memory that Redis takes
 * for a session, its own tables included. Where something is looked for among all sessions, the share falls.
 */
export async function measureGrowth(subjects, redis, generator, { growthSteps, rounds, roundMs }, say) {
  const running = []
  for (const subject of subjects) {
    running.push({ server: await startSubject(subject, { redis: redis.url() }), steps: [] })
  }
  let live = 0
  for (const step of growthSteps) {
    for (const each of running) {
      say(`${step} sessions of ${each.server.subject.name}`)
      const before = await redis.usedMemory()
      each.tokens = await each.server.issue(step - live, CONNECTIONS)
      each.steps.push({
        cpuMicros: [],
        bytesPerSession: ((await redis.usedMemory()) - before) / (step - live),
      })
    }
    live = step
    // The first refreshes after many sign-ins pay for what these left to be collected.
    for (const each of running) await cpuMicrosPerRefresh(each, generator, roundMs)
    for (let round = 0; round < rounds; round++) {
      for (const each of round % 2 === 0 ? running : running.toReversed()) {
        each.steps.at(-1).cpuMicros.push(await cpuMicrosPerRefresh(each, generator, roundMs))
      }
    }
  }
  for (const { server } of running) await server.stop()
  const [yardstick] = running
  return running.map(({ server, steps }) => ({
    subject: server.subject,
    shares: steps.map(({ cpuMicros }, step) =>
      median(cpuMicros.map((micros, round) => yardstick.steps[step].cpuMicros[round] / micros)),
    ),
    bytesPerSession: steps.map(({ bytesPerSession }) => Math.round(bytesPerSession)),
  }))
}

async function cpuMicrosPerRefresh({ server, tokens }, generator, roundMs) {
  const before = await server.cpuMs()
  const { answered } = await generator.run(server.subject, server.port, tokens, String(roundMs / 1000))
  return (((await server.cpuMs()) - before) * 1000) / answered
}
