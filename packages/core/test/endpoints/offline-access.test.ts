import type { AuthorizationServerOptions } from '@oauth-ratchet/core'
import { authorizationQuery, authorize, codeOf, redemption, redirected } from '../setup/authorization.js'
import { clientA, clientC, confidentialSecret, startServer } from '../setup/test-server.js'
import { issue, tokensOf } from '../setup/tokens.js'

const invalidScope = { status: 400, body: { error: 'invalid_scope' } }
const passwordForm = {
  grant_type: 'password',
  username: 'alice',
  password: 'wonderland',
  client_id: clientC.client_id,
  client_secret: confidentialSecret,
}

/** A server whose scopes do not name offline_access; nor do the registrations of its clients. */
function server(options: Partial<AuthorizationServerOptions> = {}) {
  return startServer({
    scopes: ['read', 'write'],
    authenticateUser: () => ({ subject: 'alice' }),
    ...options,
  })
}

function words(options: Partial<AuthorizationServerOptions>): string | undefined {
  return server(options).server.endpoints.authorization().scopeDescription('offline_access')
}

describe('offline_access at a client that may refresh', () => {
  test('is granted in an authorization and named in the answer, and refreshes keep it', async () => {
    const at = server()
    const code = await codeOf(at, authorizationQuery({ scope: 'read offline_access' }))

    const first = tokensOf(await at.token(redemption(code)))
    const second = tokensOf(await at.refresh(first.refresh_token))
    const third = tokensOf(await at.refresh(second.refresh_token, { scope: 'read offline_access' }))

    for (const tokens of [first, second, third]) expect(tokens.scope).toBe('read offline_access')
    expect((await at.introspect(first.access_token)).body).toMatchObject({ scope: 'read offline_access' })
  })

  test('is granted with a password, and by grants.issue', async () => {
    const at = server()

    expect(tokensOf(await at.token({ ...passwordForm, scope: 'offline_access' })).scope).toBe(
      'offline_access',
    )
    expect((await issue(at, { scope: ['read', 'offline_access'] })).scope).toBe('read offline_access')
  })

  test('is not given to who does not ask for it, unless the client is registered for it', async () => {
    const registered = { ...clientA, scope: 'read offline_access' }

    expect((await issue(server())).scope).toBe('read write')
    expect((await issue(server({ clients: [registered] }))).scope).toBe('read offline_access')
  })

  test("is what require: 'offline_access' waits for, listed among the scopes or not (R23)", async () => {
    const at = server({ refreshToken: { require: 'offline_access' } })

    expect(await issue(at)).not.toHaveProperty('refresh_token')
    const { refresh_token } = await issue(at, { scope: 'read offline_access' })
    expect(await at.refresh(refresh_token)).toMatchObject({ status: 200 })
  })

  test('has words for the consent page, the app’s own before ours', () => {
    expect(words({})).toBe('Stay signed in while you are away')
    expect(words({ scopes: { offline_access: 'Remember me' } })).toBe('Remember me')
  })
})

describe('offline_access elsewhere', () => {
  test('is unknown at a client that may not refresh', async () => {
    const at = server({ clients: [{ ...clientA, grant_types: ['authorization_code'] }] })

    const answer = redirected(await authorize(at, authorizationQuery({ scope: 'read offline_access' })))

    expect(answer.get('error')).toBe('invalid_scope')
    await expect(issue(at, { scope: 'offline_access' })).rejects.toMatchObject({ code: 'invalid_scope' })
  })

  test('is unknown for client credentials, which get no refresh token (RFC 6749 §4.4.3)', async () => {
    const { username: _, password: __, ...form } = passwordForm

    expect(
      await server().token({ ...form, grant_type: 'client_credentials', scope: 'read offline_access' }),
    ).toMatchObject(invalidScope)
  })

  test('ends with the client’s right to refresh', async () => {
    let grant_types = ['authorization_code', 'refresh_token']
    const at = server({ clients: () => ({ ...clientA, grant_types }) })
    const first = await issue(at, { scope: 'read offline_access' })
    grant_types = ['authorization_code']

    expect((await at.refresh(first.refresh_token)).body).toMatchObject({ error: 'unauthorized_client' })
  })
})
