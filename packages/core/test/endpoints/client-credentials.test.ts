import type { ClientMetadata } from '@oauth-ratchet/core'
import { clientA, clientC, confidentialSecret, startServer } from '../setup/test-server.js'
import { tokensOf } from '../setup/tokens.js'

const refused = (error: string, status = 400) => ({ status, body: { error } })
const post = {
  grant_type: 'client_credentials',
  client_id: clientC.client_id,
  client_secret: confidentialSecret,
}

describe('the client_credentials grant', () => {
  test('gives an access token for the client itself, and never a refresh token (R22, T3)', async () => {
    const at = startServer()

    const { access_token, ...rest } = tokensOf(await at.token(post))

    expect(rest).toEqual({ token_type: 'Bearer', expires_in: 900, scope: 'read write' })
    expect((await at.introspect(access_token)).body).toMatchObject({
      sub: clientC.client_id,
      client_id: 'web-c',
    })
    const auth = await at.server.tokens.verify(access_token)
    expect(auth).not.toHaveProperty('subject')
    expect(auth).not.toHaveProperty('grantId')
  })

  test('narrows the scope, and refuses what the client is not registered for', async () => {
    const at = startServer()

    expect(tokensOf(await at.token({ ...post, scope: 'read' })).scope).toBe('read')
    expect(await at.token({ ...post, scope: 'read admin' })).toMatchObject(refused('invalid_scope'))
    expect(await at.token({ ...post, scope: '"' })).toMatchObject(refused('invalid_scope'))
  })

  test('its token loses what the registration of the client has lost since', async () => {
    let client: ClientMetadata = clientC
    const at = startServer({ clients: () => client })
    const { access_token } = tokensOf(await at.token(post))
    client = { ...clientC, scope: 'write' }

    await expect(at.server.tokens.verify(access_token)).resolves.toMatchObject({ scope: ['write'] })
  })

  test('is for confidential clients only (W2)', async () => {
    const at = startServer()

    expect(await at.token({ ...post, client_id: clientA.client_id })).toMatchObject(refused('invalid_client'))
    expect(await at.token({ grant_type: 'client_credentials', client_id: clientA.client_id })).toMatchObject(
      refused('unauthorized_client'),
    )
  })

  test('its token ends with the grant type, with grants_not_before, and with the client', async () => {
    let client: ClientMetadata | undefined = clientC
    const at = startServer({ clients: () => client })
    const { access_token } = tokensOf(await at.token(post))
    at.clock.advance(10)

    for (const changed of [
      { ...clientC, grant_types: ['refresh_token'] },
      { ...clientC, grants_not_before: at.clock.seconds },
      { ...clientC, disabled: true },
      undefined,
    ]) {
      client = changed
      await expect(at.server.tokens.verify(access_token)).rejects.toMatchObject({ code: 'invalid_token' })
    }
    client = clientC
    await expect(at.server.tokens.verify(access_token)).resolves.toMatchObject({ clientId: 'web-c' })
  })
})
