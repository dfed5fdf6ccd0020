import { MemoryStorage } from '@oauth-ratchet/core'
import { basic, clientA, clientC, confidentialSecret, secret, startServer } from '../setup/test-server.js'
import { expectDead, idOfGrant, issue } from '../setup/tokens.js'

const invalidGrant = { status: 400, body: { error: 'invalid_grant' } }

describe('who may refresh', () => {
  test('not a client without the grant type: it gets no refresh token, and asking is unauthorized_client (R23)', async () => {
    let grant_types = ['authorization_code', 'refresh_token']
    const at = startServer({ clients: () => ({ ...clientA, grant_types }) })
    const { refresh_token } = await issue(at)
    grant_types = ['authorization_code']

    expect(await issue(at)).not.toHaveProperty('refresh_token')
    expect(await at.refresh(refresh_token)).toMatchObject({
      status: 400,
      body: { error: 'unauthorized_client' },
    })

    grant_types = ['authorization_code', 'refresh_token']
    expect(await at.refresh(refresh_token)).toMatchObject({ status: 200 })
  })

  test("with require: 'offline_access' only grants with that scope get a refresh token (R23)", async () => {
    const at = startServer({
      refreshToken: { require: 'offline_access' },
      clients: [{ ...clientA, scope: 'read offline_access' }],
    })

    expect(await issue(at, { scope: 'read' })).not.toHaveProperty('refresh_token')
    const { refresh_token } = await issue(at, { scope: 'read offline_access' })
    expect(await at.refresh(refresh_token)).toMatchObject({ status: 200 })
  })

  test('a confidential client only with its secret; what it failed to prove consumes nothing (R10, C8)', async () => {
    const at = startServer()
    const { refresh_token } = await issue(at, { clientId: clientC.client_id })
    const form = { grant_type: 'refresh_token', refresh_token }

    const refused = [
      await at.token({ ...form, client_id: clientC.client_id }),
      await at.token(form, { headers: basic(clientC.client_id, 'wrong') }),
      await at.token({ ...form, client_id: clientC.client_id, client_secret: 'wrong' }),
    ]

    for (const answer of refused) expect(answer.body).toMatchObject({ error: 'invalid_client' })
    const headers = basic(clientC.client_id, confidentialSecret)
    expect(await at.token(form, { headers })).toMatchObject({ status: 200 })
  })

  test('a refresh token without its client is not enough (C9)', async () => {
    const at = startServer()
    const { refresh_token } = await issue(at)

    const answer = await at.token({ grant_type: 'refresh_token', refresh_token })

    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
    expect(await at.refresh(refresh_token)).toMatchObject({ status: 200 })
  })

  test('not a subject that the app calls inactive: the grant ends (R17)', async () => {
    const inactive = new Set<string>()
    const at = startServer({ isSubjectActive: (subject) => !inactive.has(subject) })
    const [first, other] = [await issue(at), await issue(at, { subject: 'u2' })]
    inactive.add('u1')

    expect(await at.refresh(first.refresh_token)).toMatchObject(invalidGrant)
    expect(at.events('grant.revoked')).toMatchObject([{ reason: 'subject_inactive', subject: 'u1' }])
    inactive.clear()
    await expectDead(at, first)
    expect(await at.refresh(other.refresh_token)).toMatchObject({ status: 200 })
  })

  test('not a client that is gone or disabled: invalid_client, and the grant is there when it is put back (R17)', async () => {
    for (const gone of [undefined, { ...clientA, disabled: true }]) {
      let client: typeof clientA | undefined = clientA
      const at = startServer({ clients: (id) => (id === 'app-a' ? client : undefined) })
      const first = await issue(at)
      client = gone

      expect((await at.refresh(first.refresh_token)).body).toMatchObject({ error: 'invalid_client' })
      await expect(at.server.tokens.verify(first.access_token)).rejects.toMatchObject({
        code: 'invalid_token',
      })

      client = clientA
      await expect(at.server.tokens.verify(first.access_token)).resolves.toMatchObject({ subject: 'u1' })
      expect(await at.refresh(first.refresh_token)).toMatchObject({ status: 200 })
    }
  })

  test('not on a grant from before grantsNotBefore or the grants_not_before of the client (R17)', async () => {
    const storage = new MemoryStorage()
    const before = startServer({ storage })
    const [byServer, byClient] = [await issue(before), await issue(before)]
    before.clock.advance(10)
    const cut = before.clock.seconds - 5
    const server = startServer({ storage, grantsNotBefore: cut, secrets: [secret] }, before.clock)
    const client = startServer({ storage, clients: [{ ...clientA, grants_not_before: cut }] }, before.clock)

    expect(await server.refresh(byServer.refresh_token)).toMatchObject(invalidGrant)
    expect(await client.refresh(byClient.refresh_token)).toMatchObject(invalidGrant)
    await expect(client.server.tokens.verify(byClient.access_token)).rejects.toMatchObject({ status: 401 })
    for (const at of [server, client]) {
      expect(at.events('grant.revoked')).toMatchObject([{ reason: 'not_before', subject: 'u1' }])
      expect(at.events('grant.reuse_detected')).toEqual([])
    }
    // What was made at that very moment is not before it.
    const now = startServer({ storage, grantsNotBefore: before.clock.seconds }, before.clock)
    const fresh = await issue(now)
    expect(await now.server.grants.get(idOfGrant(fresh))).toMatchObject({ status: 'active' })
    expect(await now.refresh(fresh.refresh_token)).toMatchObject({ status: 200 })
    // Over for good, also where the setting is not known.
    expect(await before.refresh(byServer.refresh_token)).toMatchObject(invalidGrant)
    expect(await client.refresh((await issue(client)).refresh_token)).toMatchObject({ status: 200 })
  })
})
