import { median } from './median.mjs'
import { startSubject } from '../subject-process.mjs'

/**
 * Throughput, processor time and latency of the subjects of one group. All run in every round, one after the other in
 * changing order, so that what the machine does meanwhile hits them alike; a share is taken within its round, and the
 * median of the rounds is the figure.
 *
 * @param urlsFor what a subject is started with: `{ redis }` or the like
 * @returns for each subject, by number of connections: share of the group's first, and milliseconds
 */
export async function measureLoad(subjects, urlsFor, generator, options, say) {
  const { connections, rounds, roundMs, warmUp } = options
  const most = Math.max(...connections)
  const running = []
  for (const subject of subjects) {
    say(`warming up: ${subject.name}`)
    const server = await startSubject(subject, urlsFor())
    const tokens = await server.issue(most)
    running.push({ server, tokens, rounds: new Map() })
    // So many requests, not so long: on a slow machine a short time is over before the code has been optimised.
    await generator.run(subject, server.port, tokens, `${Math.ceil(warmUp / most)}x`)
  }
  for (const count of connections) {
    for (const each of running) each.rounds.set(count, [])
    for (let round = 0; round < rounds; round++) {
      say(`${count} connections, round ${round + 1} of ${rounds}`)
      for (const each of round % 2 === 0 ? running : running.toReversed()) {
        each.rounds.get(count).push(await oneRound(each, count, generator, roundMs))
      }
    }
  }
  for (const { server } of running) await server.stop()
  return running.map(({ server, rounds: measured }) => ({
    subject: server.subject,
    at: connections.map((count) => summary(measured.get(count), running[0].rounds.get(count))),
  }))
}

async function oneRound({ server, tokens }, count, generator, roundMs) {
  const chains = tokens.slice(0, count)
  const before = await server.cpuMs()
  const load = await generator.run(server.subject, server.port, chains, String(roundMs / 1000))
  const after = await server.cpuMs()
  tokens.splice(0, count, ...chains)
  return {
    perSecond: load.answered / load.seconds,
    cpuMicros: ((after - before) * 1000) / load.answered,
    medianMs: load.medianMs,
    p99Ms: load.p99Ms,
  }
}

function summary(rounds, yardstick) {
  const of = (pick) => median(rounds.map(pick))
  return {
    throughputShare: of((round, index) => round.perSecond / yardstick[index].perSecond),
    cpuShare: of((round, index) => yardstick[index].cpuMicros / round.cpuMicros),
    cpuMicros: of((round) => round.cpuMicros),
    medianMs: of((round) => round.medianMs),
    p99Ms: of((round) => round.p99Ms),
  }
}
