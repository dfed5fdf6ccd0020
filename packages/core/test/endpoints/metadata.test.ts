import * as oauth from 'oauth4webapi'
import { answer, startServer } from '../setup/test-server.js'
import type { TestServer } from '../setup/test-server.js'

function metadataOf(at: TestServer, withAuthorization = true): Record<string, unknown> {
  if (withAuthorization) at.server.endpoints.authorization()
  return JSON.parse(at.server.endpoints.metadata().body) as Record<string, unknown>
}

describe('the metadata of RFC 8414', () => {
  test('names the issuer byte for byte as configured, with a path or a slash at its end too (M1, M2)', () => {
    for (const issuer of [
      'https://auth.example.com',
      'https://auth.example.com/',
      'https://auth.example.com/t1',
      'http://127.0.0.1:3000',
      'https://AUTH.example.com',
    ]) {
      const metadata = metadataOf(startServer({ issuer }))

      expect(metadata['issuer']).toBe(issuer)
      expect(metadata['token_endpoint']).toBe(`${issuer.replace(/\/$/, '')}/oauth/token`)
    }
  })

  test('has the endpoints below basePath, as absolute URLs (M3, M4)', () => {
    const metadata = metadataOf(startServer({ basePath: '/a/b' }))

    expect(metadata).toMatchObject({
      authorization_endpoint: 'https://auth.example.com/a/b/authorize',
      token_endpoint: 'https://auth.example.com/a/b/token',
      revocation_endpoint: 'https://auth.example.com/a/b/revoke',
      introspection_endpoint: 'https://auth.example.com/a/b/introspect',
      jwks_uri: 'https://auth.example.com/a/b/jwks',
    })
    expect(metadataOf(startServer({ basePath: '' }))['token_endpoint']).toBe('https://auth.example.com/token')
  })

  test('says what works, and no more (M3, M5, K6, M6, R20)', () => {
    const methods = ['client_secret_basic', 'client_secret_post', 'none']

    expect(metadataOf(startServer())).toEqual({
      issuer: 'https://auth.example.com',
      authorization_endpoint: 'https://auth.example.com/oauth/authorize',
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      token_endpoint: 'https://auth.example.com/oauth/token',
      idempotency_key_supported: true,
      token_endpoint_auth_methods_supported: methods,
      revocation_endpoint: 'https://auth.example.com/oauth/revoke',
      revocation_endpoint_auth_methods_supported: methods,
      introspection_endpoint: 'https://auth.example.com/oauth/introspect',
      introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      jwks_uri: 'https://auth.example.com/oauth/jwks',
      grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
      scopes_supported: ['read', 'write', 'admin', 'offline_access'],
      refresh_token_expiration_types_supported: ['authorization', 'token_timeout'],
    })
  })

  test('has no authorization endpoint where there is none, and the password grant where there is', () => {
    const without = metadataOf(startServer(), false)
    const withPassword = metadataOf(startServer({ authenticateUser: () => null }), false)

    for (const name of Object.keys(without)) expect(name).not.toMatch(/authorization_|response_|code_/)
    expect(without['grant_types_supported']).toEqual(['refresh_token', 'client_credentials'])
    expect(withPassword['grant_types_supported']).toEqual(['refresh_token', 'client_credentials', 'password'])
  })

  test('leaves out what is empty, and has no null (M4, M5)', () => {
    const metadata = metadataOf(startServer({ scopes: [], clients: [] }))

    for (const value of Object.values(metadata)) {
      expect(value).not.toBeNull()
      expect(value).not.toEqual([])
    }
  })

  test('lists offline_access once, whether the scopes have it or not, for it is honoured either way (M7)', () => {
    for (const [scopes, supported] of [
      [['read'], ['read', 'offline_access']],
      [{ read: 'Read your notes' }, ['read', 'offline_access']],
      [
        ['offline_access', 'read'],
        ['offline_access', 'read'],
      ],
      [[], ['offline_access']],
    ] as const) {
      expect(metadataOf(startServer({ scopes }))).toMatchObject({ scopes_supported: supported })
    }
  })

  test('says which limits a grant can have, also where only a client or a sign-in sets them (R20)', () => {
    for (const refreshToken of [{ idleLifetime: null }, { absoluteLifetime: null }]) {
      expect(metadataOf(startServer({ refreshToken }))).toMatchObject({
        refresh_token_expiration_types_supported: ['authorization', 'token_timeout'],
      })
    }
  })

  test('can be read by any page, and be kept for five minutes (O1)', () => {
    const { status, headers } = startServer().server.endpoints.metadata()

    expect(status).toBe(200)
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'access-control-allow-origin': '*',
      'cache-control': 'public, max-age=300',
    })
    expect(headers).not.toHaveProperty('pragma')
    expect(headers).not.toHaveProperty('access-control-allow-credentials')
  })

  test('is taken by oauth4webapi', async () => {
    for (const issuer of ['https://auth.example.com', 'https://auth.example.com/t1']) {
      const at = startServer({ issuer })
      const { body, headers, status } = at.server.endpoints.metadata()

      const metadata = await oauth.processDiscoveryResponse(
        new URL(issuer),
        new Response(body, { headers, status }),
      )

      expect(metadata.token_endpoint).toBe(`${issuer}/oauth/token`)
    }
  })

  test('and the JWKS can be read by any page too (O1)', async () => {
    const at = startServer()

    expect(await answer(at.server.endpoints.jwks())).toMatchObject({
      status: 200,
      headers: { 'access-control-allow-origin': '*' },
    })
  })
})
