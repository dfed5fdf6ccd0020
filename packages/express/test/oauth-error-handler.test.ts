import { OAuthError } from '@oauth-ratchet/core'
import { oauthErrorHandler, requireToken } from '@oauth-ratchet/express'
import type { ErrorRequestHandler } from 'express'
import request from 'supertest'
import { makeServer, versions } from './harness.js'

describe.each(versions)('oauthErrorHandler on %s', (_name, express) => {
  test('writes OAuth errors as RFC 6749 JSON with their headers', async () => {
    const app = express()
    app.get('/notes', requireToken(makeServer().server))
    app.use(oauthErrorHandler())
    const response = await request(app).get('/notes').set('Authorization', 'Bearer garbage')
    expect(response.status).toBe(401)
    expect(response.body).toEqual({ error: 'invalid_token', error_description: expect.any(String) })
    expect(response.headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'www-authenticate': expect.stringContaining('invalid_token'),
    })
  })

  test('knows an OAuthError of another copy of the core by its brand', async () => {
    const app = express()
    const foreign = Object.assign(new Error('Too many.'), {
      name: 'OAuthError',
      code: 'invalid_grant',
      status: 429,
      headers: { 'retry-after': '5' },
      [Symbol.for('@oauth-ratchet/core:OAuthError')]: true,
    })
    app.get('/', (_req, _res, next) => next(foreign))
    app.use(oauthErrorHandler())
    const response = await request(app).get('/')
    expect([response.status, response.headers['retry-after'], response.body]).toEqual([
      429,
      '5',
      { error: 'invalid_grant', error_description: 'Too many.' },
    ])
  })

  test('passes other errors on, and any once the answer has begun', async () => {
    const app = express()
    const passed: unknown[] = []
    const other = Object.assign(new Error('x'), { name: 'OAuthError' })
    app.get('/other', (_req, _res, next) => next(other))
    app.get('/begun', (_req, res, next) => {
      res.write('half')
      next(new OAuthError('invalid_grant', 'late'))
    })
    app.use(oauthErrorHandler(), ((error, _req, res, _next) => {
      passed.push(error.code)
      res.end()
    }) as ErrorRequestHandler)
    await request(app).get('/other')
    await request(app).get('/begun')
    expect(passed).toEqual([undefined, 'invalid_grant'])
  })
})
