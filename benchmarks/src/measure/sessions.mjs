import { setTimeout as delay } from 'node:timers/promises'
import { median } from './median.mjs'
import { startSubject } from '../subject-process.mjs'

/** The most that a page has. */
const PAGE = 500

/** Before the next measurement, so that what the one before has left behind is not part of it. */
const REST_MS = 500

/**
 * What others wait for their refreshes while one user's many sessions are listed, page by page, and then ended; by the user
 * with the routes of sessionsRouter, and by an administrator with those of adminRouter. Beside each is what they wait when
 * nothing of it goes on, measured just before, and the ratio is taken within its round.
 *
 * @returns for each subject and number of connections: for each kind of work ms and ratios, and how long the work took
 */
export async function measureSessions(subjects, redis, generator, options, say) {
  const { sessionConnections, sessionRounds, sessionsOfOne, warmUp } = options
  const figures = []
  for (const subject of subjects) {
    const server = await startSubject(subject, { redis: redis.url() })
    const most = Math.max(...sessionConnections)
    const tokens = await server.issue(most)
    await generator.run(subject, server.port, tokens, `${Math.ceil(warmUp / most)}x`)
    await signInAndEnd(server, Math.min(sessionsOfOne, 1000))
    for (const connections of sessionConnections) {
      const rounds = []
      for (let round = 0; round < sessionRounds; round++) {
        say(`${subject.name}, ${connections} connections, round ${round + 1} of ${sessionRounds}`)
        rounds.push(await oneRound({ server, tokens, connections }, generator, options))
      }
      figures.push({ subject, connections, ...summary(rounds) })
    }
    await server.stop()
  }
  return figures
}

/** Code that has not been optimised yet takes several times as long. */
async function signInAndEnd(server, count) {
  for (const who of Object.values(roles)) {
    await send(server, 'POST', `/sign-ins/${count}`)
    await list(server, who, count)
    await end(server, who, count)
  }
}

const roles = {
  user: { list: '/sessions?', end: '/sessions', found: 'sessions' },
  admin: {
    list: '/admin/grants?subject=user+of+many+sessions&',
    end: '/admin/grants?subject=user+of+many+sessions',
    found: 'grants',
  },
}

async function oneRound({ server, tokens, connections }, generator, options) {
  const { sessionsOfOne: count, roundMs } = options
  const chains = tokens.slice(0, connections)
  const { subject, port } = server
  const during = async (work) => {
    await delay(REST_MS)
    const quiet = await generator.runDuring(subject, port, chains, () => delay(3 * roundMs))
    let seconds = 0
    const load = await generator.runDuring(subject, port, chains, async () => {
      const begun = performance.now()
      await work()
      seconds = (performance.now() - begun) / 1000
    })
    return { quietP99Ms: quiet.p99Ms, p99Ms: load.p99Ms, maxMs: load.maxMs, seconds }
  }
  const measured = {}
  for (const [name, who] of Object.entries(roles)) {
    await send(server, 'POST', `/sign-ins/${count}`)
    await server.heapBytes()
    measured[`${name} lists`] = await during(() => list(server, who, count))
    measured[`${name} ends`] = await during(() => end(server, who, count))
  }
  tokens.splice(0, connections, ...chains)
  return measured
}

async function list(server, who, count) {
  let seen = 0
  let cursor
  do {
    const at = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const page = await send(server, 'GET', `${who.list}limit=${PAGE}${at}`)
    seen += page[who.found].length
    cursor = page.cursor
  } while (cursor !== undefined)
  if (seen !== count) throw new Error(`${seen} sessions of ${count} were listed.`)
}

/** An administrator's request ends what it can in five seconds, and gives a cursor for the next. */
async function end(server, who, count) {
  let ended = 0
  let cursor
  do {
    const at = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const answer = await send(server, 'DELETE', `${who.end}${at}`)
    ended += answer.ended
    cursor = answer.cursor
  } while (cursor !== undefined)
  if (ended !== count) throw new Error(`${ended} sessions of ${count} were ended.`)
}

async function send({ port }, method, path) {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { 'sec-fetch-site': 'same-origin' },
  })
  if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${await answer.text()}`)
  return answer.json()
}

function summary(rounds) {
  const works = {}
  for (const name of Object.keys(rounds[0])) {
    const of = (pick) => median(rounds.map((round) => pick(round[name])))
    works[name] = {
      quietP99Ms: of(({ quietP99Ms }) => quietP99Ms),
      p99Ms: of(({ p99Ms }) => p99Ms),
      maxMs: of(({ maxMs }) => maxMs),
      ratio: of(({ p99Ms, quietP99Ms }) => p99Ms / quietP99Ms),
      seconds: of(({ seconds }) => seconds),
    }
  }
  return { works }
}
