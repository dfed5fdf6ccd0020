import { MemoryStorage } from '@oauth-ratchet/core'
import { codeOf } from '../setup/authorization.js'
import { tampered } from '../setup/tampered.js'
import { basic, clientA, clientB, clientC, confidentialSecret, startServer } from '../setup/test-server.js'
import { expectAlive, expectDead, issue, tokensOf } from '../setup/tokens.js'

const invalidGrant = { status: 400, body: { error: 'invalid_grant' } }

describe('a refresh', () => {
  test('answers with a new access token and all that RFC 6749 §5.1 asks for (R1, H12)', async () => {
    const at = startServer()
    const first = await issue(at)

    const answer = await at.refresh(first.refresh_token)

    expect(answer).toEqual({
      status: 200,
      headers: expect.objectContaining({
        'content-type': 'application/json',
        'cache-control': 'no-store',
        pragma: 'no-cache',
      }) as object,
      body: {
        access_token: expect.stringMatching(/^[A-Za-z0-9\-._~+/]+=*$/) as string,
        token_type: 'Bearer',
        expires_in: 900,
        scope: 'read write',
        refresh_token: expect.stringMatching(/^orr_/) as string,
        refresh_token_expires_in: 30 * 86_400,
        refresh_token_timeout: 30 * 86_400,
        authorization_expires_in: 180 * 86_400,
      },
    })
    expect(answer.body['access_token']).not.toBe(first.access_token)
  })

  test('rotates the refresh token on every use, for public and confidential clients alike (R4)', async () => {
    const at = startServer()
    const seen = new Set<string>()
    let { refresh_token } = await issue(at, { clientId: clientC.client_id })
    for (let turn = 0; turn < 10; turn++) {
      seen.add(refresh_token)
      const headers = basic(clientC.client_id, confidentialSecret)
      ;({ refresh_token } = tokensOf(
        await at.token({ grant_type: 'refresh_token', refresh_token }, { headers }),
      ))
    }

    expect(seen.size).toBe(10)
  })

  test('leaves older access tokens alone until they expire (R28)', async () => {
    const at = startServer()
    const first = await issue(at)

    const second = tokensOf(await at.refresh(first.refresh_token))

    await expectAlive(at, { access_token: first.access_token })
    await expectAlive(at, second)
    at.clock.advance(900)
    await expectDead(at, { access_token: first.access_token })
    await expectDead(at, { access_token: second.access_token })
  })

  test('keeps what the sign-in said (T4)', async () => {
    const at = startServer()
    const first = await issue(at, { authTime: 1_700_000_000, acr: 'mfa', amr: ['pwd', 'otp'] })
    at.clock.advance(3600)

    const second = tokensOf(await at.refresh(first.refresh_token))

    expect((await at.introspect(second.access_token)).body).toMatchObject({
      auth_time: 1_700_000_000,
      acr: 'mfa',
      amr: ['pwd', 'otp'],
    })
  })
})

describe('what is no refresh token of this client', () => {
  test('a missing or empty one is invalid_request (R2, H5)', async () => {
    const at = startServer()

    for (const form of ['', '&refresh_token=']) {
      const answer = await at.token(`grant_type=refresh_token&client_id=app-a${form}`)
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
    }
  })

  test('garbage, a tampered token, an access token or a code is invalid_grant (R2, R27)', async () => {
    const at = startServer()
    const { refresh_token, access_token } = await issue(at)
    const code = await codeOf(at)
    const others = [access_token, code, `orr_${code.slice(4)}`]

    for (const wrong of ['garbage', 'orr_', tampered(refresh_token), ...others]) {
      expect(await at.refresh(wrong)).toMatchObject(invalidGrant)
    }
    expect(await at.refresh(refresh_token)).toMatchObject({ status: 200 })
  })

  test("another client's is refused, and is neither consumed nor ended by the attempt (R3)", async () => {
    const at = startServer()
    const first = await issue(at)
    const headers = basic(clientC.client_id, confidentialSecret)

    expect(await at.refresh(first.refresh_token, { client_id: clientB.client_id })).toMatchObject(
      invalidGrant,
    )
    expect(
      await at.token({ grant_type: 'refresh_token', refresh_token: first.refresh_token }, { headers }),
    ).toMatchObject(invalidGrant)

    const second = tokensOf(await at.refresh(first.refresh_token))
    // Nor does a stranger who shows a spent token end the grant.
    expect(await at.refresh(first.refresh_token, { client_id: clientB.client_id })).toMatchObject(
      invalidGrant,
    )
    expect(await at.refresh(second.refresh_token)).toMatchObject({ status: 200 })
    expect(at.events('grant.reuse_detected')).toEqual([])
  })

  test('of another issuer on the same store and secret is refused, and lives on at its own (R31)', async () => {
    const storage = new MemoryStorage()
    const one = startServer({ storage })
    const two = startServer({ storage, issuer: 'https://tenant.example.com' })
    const first = await issue(one)

    expect(await two.refresh(first.refresh_token)).toMatchObject(invalidGrant)
    await expectDead(two, { access_token: first.access_token })

    expect(await one.refresh(first.refresh_token)).toMatchObject({ status: 200 })
  })

  test('every refusal of a token is the same answer, whatever the reason', async () => {
    const at = startServer({ refreshToken: { absoluteLifetime: 1000 } })
    const [spent, foreign, expired, revoked] = [
      await issue(at),
      await issue(at),
      await issue(at),
      await issue(at),
    ]
    await at.refresh(spent.refresh_token)
    await at.server.tokens.revoke(revoked.refresh_token)

    const answers = [
      await at.refresh('orr_garbage'),
      await at.refresh(spent.refresh_token),
      await at.refresh(foreign.refresh_token, { client_id: clientB.client_id }),
      await at.refresh(revoked.refresh_token),
      (at.clock.advance(1000), await at.refresh(expired.refresh_token)),
    ]

    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  })
})

describe('the scope of a refresh', () => {
  test('may be narrowed, and the answer says so (R11)', async () => {
    const at = startServer()
    const { refresh_token } = await issue(at)

    const narrowed = tokensOf(await at.refresh(refresh_token, { scope: 'read' }))

    expect(narrowed.scope).toBe('read')
    expect((await at.introspect(narrowed.access_token)).body).toMatchObject({ scope: 'read' })
  })

  test('is whole again at the next refresh: the refresh token keeps it (R12)', async () => {
    const at = startServer()
    const narrowed = tokensOf(await at.refresh((await issue(at)).refresh_token, { scope: 'read' }))

    expect((await at.introspect(narrowed.refresh_token)).body).toMatchObject({ scope: 'read write' })
    expect(tokensOf(await at.refresh(narrowed.refresh_token)).scope).toBe('read write')
  })

  test('outside the grant is invalid_scope and consumes nothing (R10, R13)', async () => {
    const at = startServer()
    const { refresh_token } = await issue(at, { scope: 'read' })

    for (const scope of ['write', 'read write', 'admin', 'read unknown', 'READ']) {
      const answer = await at.refresh(refresh_token, { scope })
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_scope' } })
    }

    expect(tokensOf(await at.refresh(refresh_token)).scope).toBe('read')
  })

  test('that is nothing but spaces is invalid_scope and consumes nothing', async () => {
    const at = startServer()
    const { refresh_token } = await issue(at)

    expect(await at.refresh(refresh_token, { scope: '  ' })).toMatchObject({
      status: 400,
      body: { error: 'invalid_scope' },
    })

    expect(tokensOf(await at.refresh(refresh_token)).scope).toBe('read write')
  })

  test('that is endless is not echoed whole', async () => {
    const at = startServer()
    const scope = 'x'.repeat(5000)

    const { body } = await at.refresh((await issue(at)).refresh_token, { scope })

    expect(String(body['error_description']).length).toBeLessThan(200)
  })

  test('empty means left out (H5)', async () => {
    const at = startServer()

    expect(tokensOf(await at.refresh((await issue(at)).refresh_token, { scope: '' })).scope).toBe(
      'read write',
    )
  })

  test('is not widened by a later authorization of the same user and client (R30)', async () => {
    const at = startServer()
    const old = await issue(at, { scope: 'read' })
    await issue(at, { scope: 'read write' })

    expect(tokensOf(await at.refresh(old.refresh_token)).scope).toBe('read')
  })

  test('loses what the registration of the client has lost since (R30)', async () => {
    let scope = 'read write'
    const at = startServer({ clients: () => ({ ...clientA, scope }) })
    const first = await issue(at)
    scope = 'read'

    expect(await at.refresh(first.refresh_token, { scope: 'write' })).toMatchObject({
      status: 400,
      body: { error: 'invalid_scope' },
    })
    const second = tokensOf(await at.refresh(first.refresh_token))
    expect(second.scope).toBe('read')

    // The grant itself still has it, for when the client gets it back.
    scope = 'read write'
    expect(tokensOf(await at.refresh(second.refresh_token)).scope).toBe('read write')
  })
})
