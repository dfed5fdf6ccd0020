import { authorizationRequest, Browser } from './support/browser.js'
import { createLogger } from '../src/logging.js'
import { runApp, demoSecrets } from './support/in-process.js'
import { callApi, passwordGrant, postForm, refresh, tokensOf } from './support/tokens.js'

test('logs hold nothing that can be presented: no token, code, secret, password, cookie or query', async () => {
  const app = await runApp()
  const issued = ['wonderland', 'a-secret-key', ...Object.values(demoSecrets)]

  const browser = new Browser(app.url)
  const { url, verifier } = authorizationRequest(app.issuer, { state: 'a-state-of-its-own' })
  const code = await browser.authorize(url)
  await browser.get(`/callback${code.search}`)
  issued.push(
    code.searchParams.get('code') ?? '',
    verifier,
    'a-state-of-its-own',
    ...browser.cookies.values(),
  )
  const fields = {
    grant_type: 'authorization_code',
    code: code.searchParams.get('code') ?? '',
    redirect_uri: 'http://127.0.0.1:4567/callback',
    code_verifier: verifier,
  }
  const spa = await postForm(`${app.url}/oauth/token`, fields, { client: { id: 'spa' } })
  issued.push(tokensOf(spa).access, tokensOf(spa).refresh)

  const { tokens } = await passwordGrant(app.url, demoSecrets.trusted)
  const turned = await refresh(app.url, demoSecrets.trusted, tokens.refresh, {
    'idempotency-key': 'a-secret-key',
  })
  issued.push(tokens.access, tokens.refresh, tokensOf(turned).access, tokensOf(turned).refresh)

  await callApi(app.url, '/me?short=query')
  // Where clients put them by mistake.
  await callApi(app.url, `/me?access_token=${tokens.access}`)
  await callApi(app.url, `/notes/${tokens.refresh}`, tokens.access)
  const client = { id: tokens.refresh, secret: demoSecrets.trusted }
  await postForm(`${app.url}/oauth/token`, { grant_type: 'client_credentials' }, { client })
  await callApi(app.url, '/notes', tokens.access, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: `{"text": ${tokens.access}`,
  })
  await passwordGrant(app.url, demoSecrets.trusted, 'alice', 'wonderland2')
  await refresh(app.url, demoSecrets.trusted, tokens.refresh)
  await browser.submit(await browser.get('/'), {})
  await app.close()

  const log = app.log()
  for (const value of issued) {
    expect(value).not.toBe('')
    expect(log).not.toContain(value)
  }
  expect(log).not.toContain('?')
})

test('logs tell in structure what happened, and a reuse as a warning with its evidence', async () => {
  const app = await runApp()
  const { tokens } = await passwordGrant(app.url, demoSecrets.trusted)
  await refresh(app.url, demoSecrets.trusted, tokens.refresh)
  await refresh(app.url, demoSecrets.trusted, tokens.refresh)
  await refresh(app.url, 'x'.repeat(43), tokens.refresh)
  await app.close()

  const lines = app
    .log()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(lines.find((line) => line['msg'] === 'request')).toMatchObject({
    level: 30,
    method: 'POST',
    path: '/oauth/token',
    status: 200,
    ms: expect.any(Number),
  })
  expect(lines.filter((line) => String(line['msg']).startsWith('grant.'))).toEqual([
    expect.objectContaining({
      level: 30,
      msg: 'grant.issued',
      clientId: 'trusted',
      grantId: expect.any(String),
    }),
    expect.objectContaining({
      level: 40,
      msg: 'grant.reuse_detected',
      presentedGeneration: 1,
      currentGeneration: 2,
    }),
    expect.objectContaining({ level: 30, msg: 'grant.revoked', reason: 'reuse' }),
  ])
  expect(lines).toContainEqual(
    expect.objectContaining({ level: 40, msg: 'client.authentication_failed', reason: 'wrong secret' }),
  )
})

test('an error is logged with its causes, and without what drivers keep on it', () => {
  const lines: string[] = []
  const logger = createLogger({ write: (line) => void lines.push(line) })
  const refused = new Error('NOAUTH at redis://:hunter2@cache:6379')
  const cause = Object.assign(refused, { command: { name: 'auth', args: ['hunter2'] } })

  logger.error({ err: new Error('The storage failed.', { cause }) }, 'request.failed')

  expect(lines[0]).toContain('caused by Error: NOAUTH at redis://***@cache:6379')
  expect(lines[0]).not.toContain('hunter2')
})
