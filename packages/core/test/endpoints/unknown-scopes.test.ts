import type { AuthorizationServerOptions } from '@oauth-ratchet/core'
import { authorizationQuery, authorize, codeOf, redemption, redirected } from '../setup/authorization.js'
import { clientC, confidentialSecret, startServer } from '../setup/test-server.js'
import type { TestServer } from '../setup/test-server.js'
import { idOfGrant, issue, tokensOf } from '../setup/tokens.js'

/** Each way to ask for a scope, and what was granted or what the error was. */
const ways: Record<string, (at: TestServer, scope: string) => Promise<{ granted?: string; error?: string }>> =
  {
    'an authorization': async (at, scope) => {
      const query = authorizationQuery({ scope })
      const error = redirected(await authorize(at, query)).get('error_description')
      if (error !== null) return { error }
      return { granted: tokensOf(await at.token(redemption(await codeOf(at, query)))).scope }
    },
    'a password': (at, scope) => askedOf(at, 'password', scope),
    'client credentials': (at, scope) => askedOf(at, 'client_credentials', scope),
    'grants.issue': async (at, scope) => {
      const answer: { scope?: string; message?: string } = await issue(at, { scope }).catch(
        (error: Error) => error,
      )
      return answer.message === undefined ? { granted: answer.scope ?? '' } : { error: answer.message }
    },
    'a refresh': async (at, scope) => {
      const { refresh_token } = await issue(at)
      const { body } = await at.refresh(refresh_token, { scope })
      if (body['error'] === undefined) return { granted: String(body['scope']) }
      // What is refused consumes nothing.
      expect(await at.refresh(refresh_token)).toMatchObject({ status: 200 })
      return { error: String(body['error_description']) }
    },
  }

async function askedOf(at: TestServer, grant_type: string, scope: string) {
  const client = { client_id: clientC.client_id, client_secret: confidentialSecret }
  const user = { username: 'alice', password: 'wonderland' }
  const { body } = await at.token({ grant_type, scope, ...client, ...(grant_type === 'password' && user) })
  return body['error'] === 'invalid_scope'
    ? { error: String(body['error_description']) }
    : { granted: String(body['scope']) }
}

const server = (unknownScopes?: 'refuse' | 'ignore', more: Partial<AuthorizationServerOptions> = {}) =>
  startServer({
    authenticateUser: () => ({ subject: 'alice' }),
    ...(unknownScopes !== undefined && { unknownScopes }),
    ...more,
  })

describe.each(Object.entries(ways))('a scope that may not be had, asked for by %s', (_, ask) => {
  test.each([undefined, 'refuse'] as const)(
    'is invalid_scope that names the option, by default (%s)',
    async (how) => {
      for (const scope of ['read profile', 'read admin', 'profile']) {
        const { error, granted } = await ask(server(how), scope)

        expect(granted).toBeUndefined()
        expect(error).toContain('unknownScopes')
        expect(error).toContain(scope.split(' ').at(-1))
      }
    },
  )

  test("is left out with unknownScopes: 'ignore', and the answer names what was granted (RFC 6749 §3.3)", async () => {
    for (const scope of ['read profile', 'admin read', 'openid read email']) {
      expect(await ask(server('ignore'), scope)).toEqual({ granted: 'read' })
    }
  })

  test('is invalid_scope all the same where nothing else was asked for', async () => {
    for (const scope of ['profile', 'admin', 'openid email']) {
      const { error, granted } = await ask(server('ignore'), scope)

      expect(granted).toBeUndefined()
      expect(error).toContain(scope.split(' ')[0])
    }
  })

  test('is named where it is a word, and not where it may be a token or a secret', async () => {
    for (const scope of [
      `orr_${'A'.repeat(100)}`,
      confidentialSecret,
      'a'.repeat(41),
      'hunter2',
      'x=y',
      'é',
    ]) {
      const { error } = await ask(server(), `read ${scope}`)

      expect(error).toEqual(expect.any(String))
      expect(error).not.toContain(scope)
    }
  })

  test('is named whatever its form where the server has it', async () => {
    const { error } = await ask(server('refuse', { scopes: ['read', 'write', 'api:v1'] }), 'read api:v1')

    expect(error).toContain('api:v1')
  })
})

test('a scope that grants.update would add is named by the same rule', async () => {
  const at = server()
  const id = idOfGrant(await issue(at))

  await expect(at.server.grants.update(id, { scope: 'admin' })).rejects.toThrow('The scope admin is not')
  const wrong = at.server.grants.update(id, { scope: ['read', confidentialSecret] })
  await expect(wrong).rejects.toThrow('A scope that was asked for is not')
  await expect(wrong).rejects.toBeInstanceOf(RangeError)
})
