import { request } from 'node:http'
import { demoSecrets, runApp } from './support/in-process.js'
import { callApi, passwordGrant, refresh } from './support/tokens.js'

const token = 'a-token-for-the-scraper'

async function samples(url: string, headers: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const answer = await fetch(`${url}/metrics`, { headers })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  return (await answer.text()).split('\n').filter((line) => line.startsWith('oauth_ratchet_'))
}

test('the registry has outcomes, sessions, reuse and storage calls, with the configured clients as labels', async () => {
  const app = await runApp()
  const { tokens } = await passwordGrant(app.url, demoSecrets.trusted)
  await refresh(app.url, demoSecrets.trusted, tokens.refresh)
  await refresh(app.url, demoSecrets.trusted, tokens.refresh)
  await refresh(app.url, 'x'.repeat(43), tokens.refresh)
  await callApi(app.url, '/me', tokens.access)
  await passwordGrant(app.url, demoSecrets.trusted, 'alice', 'guess')

  const lines = await samples(app.url)
  for (const line of [
    'oauth_ratchet_requests_total{endpoint="token",grant_type="password",client="trusted",outcome="ok"} 1',
    'oauth_ratchet_requests_total{endpoint="token",grant_type="refresh_token",client="trusted",outcome="ok"} 1',
    'oauth_ratchet_requests_total{endpoint="token",grant_type="refresh_token",client="trusted",outcome="invalid_grant"} 1',
    'oauth_ratchet_requests_total{endpoint="token",grant_type="refresh_token",client="none",outcome="invalid_client"} 1',
    'oauth_ratchet_requests_total{endpoint="verify",grant_type="none",client="none",outcome="invalid_token"} 1',
    'oauth_ratchet_sessions_begun_total{client="trusted"} 1',
    'oauth_ratchet_sessions_ended_total{client="trusted",reason="reuse"} 1',
    'oauth_ratchet_reuse_total{client="trusted",reason="reuse",cause="second_tab",observed="false"} 1',
    'oauth_ratchet_authentications_failed_total{of="client",throttled="false"} 1',
    'oauth_ratchet_authentications_failed_total{of="user",throttled="false"} 1',
    'oauth_ratchet_storage_duration_seconds_count{operation="grants.turn",outcome="ok"} 2',
  ]) {
    expect(lines).toContain(line)
  }
  const text = lines.join('\n')
  for (const secret of [tokens.refresh, tokens.access, ...Object.values(demoSecrets)]) {
    expect(text).not.toContain(secret)
  }
  expect(text).not.toContain('alice')
})

test('without a token it is for programs on this machine, and for nothing that came through something else', async () => {
  const app = await runApp()
  const port = new URL(app.url).port
  const status = async (headers: Readonly<Record<string, string>>) =>
    (await fetch(`${app.url}/metrics`, { headers })).status

  expect(await status({})).toBe(200)
  expect(await status({ 'x-forwarded-for': '203.0.113.9' })).toBe(403)
  expect(await status({ forwarded: 'for=203.0.113.9' })).toBe(403)
  // The name of a page elsewhere that was made to lead here: `fetch` does not let the header be set.
  expect(await rawStatus(Number(port), 'rebound.example')).toBe(403)
  expect(await rawStatus(Number(port), `localhost:${port}`)).toBe(200)
})

test('with an https issuer, where everybody comes from what ends TLS, it is for nobody without a token', async () => {
  const app = await runApp({ issuer: 'https://auth.example.com' })

  expect((await fetch(`${app.url}/metrics`)).status).toBe(403)
})

test('with a token it is for whoever shows it, from anywhere', async () => {
  const app = await runApp({ metricsToken: token, issuer: 'https://auth.example.com' })
  const refused = await fetch(`${app.url}/metrics`, { headers: { authorization: 'Bearer another' } })

  expect(refused.status).toBe(401)
  expect(refused.headers.get('www-authenticate')).toBe('Bearer realm="metrics"')
  expect((await fetch(`${app.url}/metrics`)).status).toBe(401)
  await samples(app.url, { authorization: `Bearer ${token}`, 'x-forwarded-for': '203.0.113.9' })
})

function rawStatus(port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ port, path: '/metrics', headers: { host } }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
      .on('error', reject)
      .end()
  })
}
