import { MemoryStorage } from '@oauth-ratchet/core'
import { codeOf, redemption, verifier, challenge } from './setup/authorization.js'
import { CountingStorage } from './setup/counting-storage.js'
import {
  basic,
  clientC,
  confidentialSecret,
  introspectionSecret,
  secret,
  startServer,
} from './setup/test-server.js'
import { issue, tokensOf } from './setup/tokens.js'

const person = {
  subject: 'alice@example.com',
  claims: { name: 'Alice Liddell', tier: 'goldmember' },
  session: 'browser-session-4711',
  metadata: { device: 'Alice’s phone', ip: '198.51.100.77' },
  acr: 'urn:example:mfa',
}
const personal = [
  'alice@example.com',
  'Alice Liddell',
  'goldmember',
  'browser-session-4711',
  'Alice’s phone',
  '198.51.100.77',
  'urn:example:mfa',
]

/** The text, and what it would be in the encodings that a store may hold it in. */
function spellings(text: string): string[] {
  // In base64 it looks different by where in a group of three it begins; the groups at its ends it may share.
  const begun = ['', 'x', 'xx'].map((before) => Buffer.from(before + text))
  return [
    text,
    Buffer.from(text).toString('hex'),
    ...begun.map((bytes) => bytes.toString('base64url').slice(4, -4)),
    ...begun.map((bytes) => bytes.toString('base64').replaceAll('=', '').slice(4, -4)),
  ]
}

describe('at rest (R26)', () => {
  test('no presentable token, code, secret, verifier, key or personal datum is ever handed to the storage', async () => {
    const memory = new MemoryStorage()
    const counting = new CountingStorage(memory)
    const at = startServer({
      storage: counting.storage,
      authenticateUser: () => person,
      refreshToken: { reuseGrace: 10 },
    })
    const presentable = [
      secret,
      confidentialSecret,
      introspectionSecret,
      verifier,
      challenge,
      'idempotent-1',
      'wonderland',
    ]
    const keep = (tokens: { access_token: string; refresh_token?: string }) => {
      presentable.push(tokens.access_token)
      if (tokens.refresh_token !== undefined) presentable.push(tokens.refresh_token)
    }
    const code = await codeOf(at, undefined, person)
    presentable.push(code, await codeOf(at, undefined, person))
    const first = tokensOf(await at.token(redemption(code)))
    const second = tokensOf(
      await at.refresh(first.refresh_token, {}, { headers: { 'idempotency-key': 'idempotent-1' } }),
    )
    const narrowed = tokensOf(await at.refresh(second.refresh_token, { scope: 'read' }))
    const own = await issue(at, person)
    const headers = basic(clientC.client_id, confidentialSecret)
    const password = tokensOf(
      await at.token({ grant_type: 'password', username: 'alice', password: 'wonderland' }, { headers }),
    )
    const service = tokensOf(await at.token({ grant_type: 'client_credentials' }, { headers }))
    for (const tokens of [first, second, narrowed, own, password, service]) keep(tokens)
    await at.server.grants.update((await at.server.grants.list({ subject: person.subject }))[0]?.id ?? '', {
      metadata: person.metadata,
    })
    await at.server.grants.list({ subject: person.subject })
    await at.revoke({ token: service.access_token }, { headers })
    await at.revoke({ token: own.access_token, client_id: 'app-a' })
    await at.refresh(first.refresh_token)
    await at.server.grants.revokeAll({ subject: person.subject, session: person.session })

    // Everything that any call was given, and every record as it stands: nothing else can be in a store.
    const dump = JSON.stringify([counting.calls, await memory.grants.scan({ limit: 1000 })])

    expect(counting.calls.length).toBeGreaterThan(20)
    // Not blind: what may stand there is found.
    expect(dump).toContain(clientC.client_id)
    for (const text of [...presentable, ...personal]) {
      for (const spelling of spellings(text)) expect(dump).not.toContain(spelling)
    }
    // Nor the parts of a token that are more than its grant's name: what follows the nonce is the tag.
    for (const token of presentable.filter((one) => /^or[rc]_/.test(one))) {
      const bytes = Buffer.from(token.slice(4), 'base64url')
      for (const encoding of ['base64url', 'hex'] as const) {
        expect(dump).not.toContain(bytes.subarray(-32).toString(encoding))
      }
    }
  })

  test('what identifies a person is erased when a grant ends', async () => {
    const storage = new MemoryStorage()
    const at = startServer({ storage })
    await issue(at, person)
    const [before] = (await storage.grants.scan({ limit: 1 })).grants
    expect(before?.facts).not.toBe('')

    await at.server.grants.revokeAll({ subject: person.subject })

    const [after] = (await storage.grants.scan({ limit: 1 })).grants
    expect(after).toMatchObject({ facts: '', revoked: { reason: 'revoked' } })
    expect(after).not.toHaveProperty('seen')
  })

  test('a stolen store without the secret gives nothing that is accepted', async () => {
    const storage = new MemoryStorage()
    const at = startServer({ storage })
    await issue(at)
    const [record] = (await storage.grants.scan({ limit: 1 })).grants
    const values = Object.values(record ?? {}).filter((value) => typeof value === 'string')
    expect(values.length).toBeGreaterThan(4)

    for (const value of values) {
      for (const token of [value, `orr_${value}`, `ora_${value}`, `orc_${value}`]) {
        expect((await at.introspect(token)).body).toEqual({ active: false })
        expect(await at.refresh(token)).toMatchObject({ status: 400 })
      }
    }
  })

  test('one idempotency key on two grants is not to be recognised', async () => {
    const storage = new MemoryStorage()
    const at = startServer({ storage })
    for (const tokens of [await issue(at), await issue(at)]) {
      await at.refresh(tokens.refresh_token, {}, { headers: { 'idempotency-key': 'k1' } })
    }

    const { grants } = await storage.grants.scan({ limit: 10 })

    expect(new Set(grants.map((grant) => grant.keyHash)).size).toBe(2)
  })

  test('the same subject is not to be recognised across realms', async () => {
    const storage = new MemoryStorage()
    await issue(startServer({ storage }))
    await issue(startServer({ storage, realm: 'another' }))

    const { grants } = await storage.grants.scan({ limit: 10 })

    expect(new Set(grants.map((grant) => grant.subjectHash)).size).toBe(2)
  })
})
