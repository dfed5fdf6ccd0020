import {
  openReauthentication,
  sealReauthentication,
} from '../src/endpoints/authorization/reauthentication.js'
import { KeyRing } from '../src/ratchet/secrets.js'
import { openToken, prefixOf } from '../src/ratchet/token-codec.js'
import type { ServerParts } from '../src/server-parts.js'
import { authorizationQuery, getRequest } from './setup/authorization.js'
import { Clock } from './setup/clock.js'
import { issuer, secret, startServer } from './setup/test-server.js'
import type { TestServer } from './setup/test-server.js'
import { issue } from './setup/tokens.js'

const invalidToken = { code: 'invalid_token', status: 401 }

const withAudience = (length: number) =>
  startServer({ accessToken: { audience: [issuer, `https://${'x'.repeat(length)}`] } })
const withClaim = (length: number) =>
  startServer({ accessToken: { format: 'jwt', claims: () => ({ x: 'x'.repeat(length) }) } })

async function expectGood(at: TestServer): Promise<void> {
  const { access_token } = await issue(at)
  expect(access_token.length).toBeLessThanOrEqual(16_384)
  expect(access_token.length).toBeGreaterThan(14_000)
  await expect(at.server.tokens.verify(access_token)).resolves.toMatchObject({ subject: 'u1' })
}

async function expectNone(at: TestServer): Promise<void> {
  const { access_token } = await issue(at)
  expect(access_token.length).toBeGreaterThan(16_384)
  await expect(at.server.tokens.verify(access_token)).rejects.toMatchObject(invalidToken)
}

describe('a token that is too long to be one of ours', () => {
  test.each(['refresh_token', 'authorization_code'] as const)('a %s costs no decoding', (kind) => {
    const ring = new KeyRing([new TextEncoder().encode(secret)], issuer)
    const decode = jest.spyOn(Buffer, 'from')
    try {
      expect(openToken(ring, kind, prefixOf[kind] + 'A'.repeat(1_000_000))).toEqual({ status: 'forged' })
      expect(decode).not.toHaveBeenCalled()
    } finally {
      decode.mockRestore()
    }
  })

  test('an opaque access token of over 16,384 characters is none, though its tag is right', async () => {
    await expectGood(withAudience(11_000))
    await expectNone(withAudience(12_500))
  })

  test('a JWT of over 16,384 characters is none, though its signature is right', async () => {
    await expectGood(withClaim(11_000))
    await expectNone(withClaim(12_500))
  })
})

describe('what the authorization endpoint has sealed', () => {
  test('a consent form opens for the longest request, and one that is longer than any is none', async () => {
    const endpoint = startServer().server.endpoints.authorization()
    const longest = `${authorizationQuery()}&state=`.padEnd(8192, 'x')
    const pending = await endpoint.begin(getRequest(longest))

    const form = endpoint.sealConsent(pending, 'u1', 'browser-1')
    const longer = endpoint.sealConsent({ ...pending, query: longest.padEnd(13_000, 'x') }, 'u1', 'browser-1')

    expect(await endpoint.openConsent(form, 'u1', ['browser-1'])).toBeDefined()
    expect(longer.length).toBeGreaterThan(16_384)
    expect(await endpoint.openConsent(longer, 'u1', ['browser-1'])).toBeUndefined()
    expect(await endpoint.peekConsent(longer)).toBeUndefined()
  })

  test('a mark of reauthentication opens for the longest client_id, and a longer one is none', () => {
    const ring = new KeyRing([new TextEncoder().encode(secret)], issuer)
    const parts = { ring, settings: { now: new Clock().now } } as unknown as ServerParts
    const open = (clientId: string) =>
      openReauthentication(parts, sealReauthentication(parts, clientId), clientId)

    // JSON writes a backslash as two.
    expect(open('\\'.repeat(255))).toEqual(expect.any(Number))
    expect(open('x'.repeat(900))).toBeUndefined()
  })
})
