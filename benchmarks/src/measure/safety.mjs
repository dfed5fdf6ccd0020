import http from 'node:http'
import { text } from 'node:stream/consumers'
import { startSubject } from '../subject-process.mjs'

const AT_ONCE = 50
const TRIES = 10

/**
 * What happens to a token that is used more than once: 50 times at the same moment, and again after it was exchanged.
 *
 * @returns for each subject the least and the most of ten tries: 200s, and how many different refresh tokens from these
 *   answers work afterwards; and how often the successor of a token that was replayed still worked
 */
export async function measureSafety(subjects, redis, say) {
  const figures = []
  for (const subject of subjects) {
    say(subject.name)
    const server = await startSubject(subject, { redis: redis.url() })
    const client = createClient(subject, server.port)
    await client.openConnections()
    const tokens = await server.issue(2 * TRIES)
    const storms = []
    for (const token of tokens.slice(0, TRIES)) storms.push(await storm(client, token))
    let survived = 0
    for (const token of tokens.slice(TRIES)) {
      if (await successorSurvivesReplay(client, token)) survived += 1
    }
    figures.push({
      subject,
      granted: range(storms.map(({ granted }) => granted)),
      live: range(storms.map(({ live }) => live)),
      survivedReplay: `${survived} of ${TRIES}`,
    })
    client.close()
    await server.stop()
  }
  return figures
}

async function storm(client, token) {
  const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => client.refresh(token)))
  const granted = answers.filter((answer) => answer !== undefined)
  let live = 0
  for (const successor of new Set(granted)) {
    if ((await client.refresh(successor)) !== undefined) live += 1
  }
  return { granted: granted.length, live }
}

async function successorSurvivesReplay(client, token) {
  const successor = await client.refresh(token)
  const next = await client.refresh(successor)
  await client.refresh(token)
  return (await client.refresh(next)) !== undefined
}

/** refresh() answers the new refresh token, or undefined when it is refused. */
function createClient({ path, form, headers }, port) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: AT_ONCE })
  const [name, value] = headers?.split(': ') ?? []
  const refresh = (token) =>
    new Promise((resolve, reject) => {
      const request = http.request(
        {
          agent,
          host: '127.0.0.1',
          port,
          path,
          method: 'POST',
          headers: {
            'content-type': 'application/x-www-form-urlencoded',
            ...(name !== undefined && { [name]: value }),
          },
        },
        (response) => {
          resolve(tokenIn(response))
        },
      )
      request.on('error', reject)
      request.end(`${form}${encodeURIComponent(token)}`)
    })
  return {
    refresh,
    // So that the uses of one token come together and do not wait for handshakes.
    openConnections: () => Promise.all(Array.from({ length: AT_ONCE }, () => refresh('no-token'))),
    close: () => agent.destroy(),
  }
}

async function tokenIn(response) {
  const body = await text(response)
  return response.statusCode === 200 ? JSON.parse(body).refresh_token : undefined
}

function range(values) {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  return least === most ? String(least) : `${least} to ${most}`
}
