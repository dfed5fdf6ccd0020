// Chains of rotations: each connection refreshes with the token that its last answer gave it.
import http from 'node:http'

/**
 * Refreshes on every chain until the time is up. `tokens` is changed in place: each chain goes on where it was.
 *
 * @returns how many refreshes were answered
 */
export async function refreshFor(ms, port, tokens) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: tokens.length })
  const end = performance.now() + ms
  let count = 0
  await Promise.all(
    tokens.map(async (_, chain) => {
      while (performance.now() < end) {
        tokens[chain] = await refresh(agent, port, tokens[chain])
        count += 1
      }
    }),
  )
  agent.destroy()
  return count
}

function refresh(agent, port, token) {
  const body = `grant_type=refresh_token&client_id=app&refresh_token=${token}`
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        agent,
        port,
        host: '127.0.0.1',
        method: 'POST',
        path: '/oauth/token',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          'content-length': Buffer.byteLength(body),
        },
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk) => (text += chunk))
        response.on('end', () => {
          if (response.statusCode === 200) resolve(JSON.parse(text).refresh_token)
          else reject(new Error(`${response.statusCode} ${text}`))
        })
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}
