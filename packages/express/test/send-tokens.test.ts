import { sendTokens } from '@oauth-ratchet/express'
import request from 'supertest'
import { makeServer, versions } from './harness.js'

describe.each(versions)('sendTokens on %s', (_name, express) => {
  test('H8: sendTokens sends a token response that no cache keeps', async () => {
    const { server } = makeServer()
    const app = express()
    app.post('/login', async (_req, res) => {
      sendTokens(res, await server.grants.issue({ clientId: 'spa', subject: 'alice' }))
    })
    const response = await request(app).post('/login')
    expect(response.status).toBe(200)
    expect(response.body).toMatchObject({ token_type: 'Bearer', refresh_token: expect.any(String) })
    expect(response.headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'no-store',
    })
  })
})
