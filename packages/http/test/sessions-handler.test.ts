import { sessionsHandler } from '@oauth-ratchet/http'
import type { SessionsHandlerOptions } from '@oauth-ratchet/http'
import { makeServer } from './setup/authorization-server.js'
import { answerOf, Browser } from './setup/http-client.js'
import { closeAll, listening } from './setup/listening.js'

afterEach(closeAll)

const path = '/account/sessions'

/** A plain server of Node's with the handler in front, everybody who comes being alice. */
async function start(options: Partial<SessionsHandlerOptions> = {}) {
  const server = makeServer({
    scopes: ['read', 'write', 'sessions'],
    // Loopback issuers have no Secure cookies, which `Browser` would not send back.
    issuer: 'http://127.0.0.1:3000',
    clients: [
      {
        client_id: 'app',
        token_endpoint_auth_method: 'none',
        grant_types: ['refresh_token'],
        scope: 'read sessions',
      },
    ],
  })
  const sessions = sessionsHandler(server, { path, user: () => ({ subject: 'alice' }), ...options })
  const url = await listening((req, res) => sessions(req, res, () => res.writeHead(404).end('the app')))
  const signIn = async () => {
    const { access_token } = await server.grants.issue({ clientId: 'app', subject: 'alice' })
    const { grantId = '' } = await server.tokens.verify(access_token)
    return { id: grantId, headers: { authorization: `Bearer ${access_token}` } }
  }
  return { server, url, signIn }
}

test('the list, one end and the end of all others work with an access token', async () => {
  const { url, signIn } = await start()
  const [here, one, other] = [await signIn(), await signIn(), await signIn()]
  const call = async (method: string, below = '') =>
    answerOf(await fetch(`${url}${path}${below}`, { method, headers: here.headers }))

  const { body } = await call('GET')
  expect((body['sessions'] as { id: string }[]).map(({ id }) => id).toSorted()).toEqual(
    [here.id, one.id, other.id].toSorted(),
  )
  expect((await call('DELETE', `/${one.id}`)).body).toEqual({ ended: 1 })
  expect((await call('DELETE')).body).toEqual({ ended: 1 })
  expect((await call('GET', '/')).body).toMatchObject({ sessions: [{ id: here.id, current: true }] })
})

test('the page and its forms work without Express', async () => {
  const { server, url, signIn } = await start()
  const { id } = await signIn()
  const page = await answerOf(await fetch(`${url}${path}`, { headers: { accept: 'text/html' } }))
  const cookie = /^[^;]+/.exec(page.headers.get('set-cookie') ?? '')?.[0] ?? ''
  const token = /name="form_token" value="([^"]+)"/.exec(page.text)?.[1] ?? ''

  const answer = await fetch(`${url}${path}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie },
    body: new URLSearchParams({ form_token: token, end: 'others' }),
  })

  expect([answer.status, answer.headers.get('location')]).toEqual([303, '?ended_others=1'])
  expect(await server.grants.get(id)).toMatchObject({ status: 'revoked' })
})

test('everything else is the app’s, and without an app a 404', async () => {
  const { url } = await start()
  for (const other of ['/account/sessions-of-others', '/account', `${path}/a/b`]) {
    expect(await new Browser(url).get(other)).toMatchObject({ status: 404, text: 'the app' })
  }
})

test.each<[string, object]>([
  ['http.path', { path: 'account' }],
  ['http.path', { path: undefined }],
  ['http.unknown_option', { paths: path }],
])('%s is thrown for %p', async (code, options) => {
  await expect(start(options)).rejects.toMatchObject({ code })
})
