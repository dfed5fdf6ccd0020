// A program without a user: gets a token with its own credentials, uses it while it is good, and gets another one.
import { env } from 'node:process'

const { SERVER = 'http://127.0.0.1:3000', JOB_SECRET = '' } = env

let current: { readonly token: string; readonly until: number } | undefined

/** There is no refresh token with client credentials (RFC 6749 §4.4.3): the credentials are good for the next one too. */
async function accessToken(): Promise<string> {
  if (current !== undefined && performance.now() < current.until) return current.token
  const credentials = Buffer.from(`nightly:${encodeURIComponent(JOB_SECRET)}`).toString('base64')
  const response = await fetch(`${SERVER}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${credentials}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'reports:write' }),
  })
  if (!response.ok)
    throw new Error(`The token endpoint answered ${response.status}: ${await response.text()}`)
  const tokens = (await response.json()) as { access_token: string; expires_in: number }
  // Half a minute before its end, so that none expires on the way.
  current = { token: tokens.access_token, until: performance.now() + (tokens.expires_in - 30) * 1000 }
  return current.token
}

for (let report = 1; report <= 3; report += 1) {
  const response = await fetch(`${SERVER}/reports`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await accessToken()}` },
  })
  console.log(`report ${report}: ${response.status} ${await response.text()}`)
}
