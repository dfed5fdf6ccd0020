import { createAuthorizationServer, MemoryStorage } from '@oauth-ratchet/core'
import { readToken } from '../src/token-reading.js'

test('grant and generation are read off the tokens that the server makes', async () => {
  const server = createAuthorizationServer({
    issuer: 'http://127.0.0.1:3000',
    secrets: ['PN2EB2Ou2bEhLZIWiQiNQslEQumtrsomyXr0JrT9vkD5MJro'],
    storage: new MemoryStorage(),
    scopes: ['notes:read'],
    clients: [
      {
        client_id: 'demo',
        token_endpoint_auth_method: 'none',
        grant_types: ['refresh_token'],
        scope: 'notes:read',
      },
    ],
  })
  let tokens = await server.grants.issue({ clientId: 'demo', subject: 'alice', scope: 'notes:read' })
  const first = readToken(tokens.refresh_token ?? '')
  expect(first?.generation).toBe(1)
  for (let turn = 0; turn < 3; turn++) {
    const refreshToken = tokens.refresh_token ?? ''
    tokens = await server.tokens.refresh({ refreshToken, clientId: 'demo' })
  }
  expect(readToken(tokens.refresh_token ?? '')).toEqual({ grant: first?.grant, generation: 4 })
  await server.close()
})

test.each(['', 'orr_short', 'eyJhbGciOiJFUzI1NiJ9.e30.x'])('other text has no generation: %j', (text) => {
  expect(readToken(text)).toBeUndefined()
})
