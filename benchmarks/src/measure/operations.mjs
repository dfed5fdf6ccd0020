import { median } from './median.mjs'
import { startSubject } from '../subject-process.mjs'
import { countCommands } from './count-commands.mjs'

const REQUESTS_COUNTED = 200

/**
 * Processor time of what is no refresh, beside a bare route that does the one thing, and the commands that Redis gets for it.
 * A round is so many requests, not a time: tokens that are spent are made before it, and what that leaves is collected.
 *
 * @returns for each group its subjects with their shares of the first's
 */
export async function measureOperations(groups, redis, generator, options, say) {
  const figures = []
  for (const subjects of groups) figures.push(await measureGroup(subjects, redis, generator, options, say))
  return figures
}

async function measureGroup(subjects, redis, generator, options, say) {
  const { warmUp, rounds, operations, operationConnections: connections } = options
  const running = []
  for (const subject of subjects) {
    const url = redis.url()
    const server = await startSubject(subject, { redis: url })
    const prepare = await preparedRequests(server, generator, connections)
    await (
      await prepare(warmUp)
    )()
    running.push({ subject, url, server, prepare, cpuMicros: [] })
  }
  for (let round = 0; round < rounds; round++) {
    say(`${subjects[0].name}, round ${round + 1} of ${rounds}`)
    for (const each of round % 2 === 0 ? running : running.toReversed())
      each.cpuMicros.push(await cpuMicrosPerRequest(each, operations))
  }
  for (const each of running) {
    const run = await each.prepare(REQUESTS_COUNTED)
    let answered
    const commands = await countCommands(each.url, async () => ({ answered } = await run()))
    each.commands = new Map([...commands].map(([name, count]) => [name, count / answered]))
    await each.server.stop()
  }
  const [yardstick] = running
  return running.map(({ subject, cpuMicros, commands }) => ({
    subject,
    commands,
    cpuMicros: median(cpuMicros),
    cpuShare: median(cpuMicros.map((micros, round) => yardstick.cpuMicros[round] / micros)),
  }))
}

/** What makes ready so many requests, and answers the function that sends them. */
async function preparedRequests(server, generator, connections) {
  const { subject, port } = server
  const kept = subject.mode === 'keep' ? await server.issue(connections) : undefined
  return async (count) => {
    const spent = kept === undefined ? await server.issue(count) : undefined
    await server.heapBytes()
    return () =>
      spent === undefined
        ? generator.run(subject, port, kept, `${Math.ceil(count / connections)}x`)
        : generator.spend(subject, port, spent, connections)
  }
}

async function cpuMicrosPerRequest({ server, prepare }, count) {
  const run = await prepare(count)
  const before = await server.cpuMs()
  const { answered } = await run()
  return (((await server.cpuMs()) - before) * 1000) / answered
}
