// The yardsticks: what anybody would write who exchanges one random token for the next, and checks, signs and seals nothing.
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import express from 'express'
import { openTokens } from './bare-tokens.mjs'

export async function start(variant, urls) {
  const [face, store] = variant.split(' ')
  const tokens = await openTokens(store, urls)
  return { server: faces[face](tokens), issue: tokens.insert, close: tokens.close }
}

const faces = {
  /** Express with its stock parser and `res.json`. */
  express: ({ exchange }) => {
    const app = express()
    app.post('/oauth/token', express.urlencoded({ extended: false }), async (req, res) => {
      const next = await exchange(req.body.refresh_token)
      if (next === undefined) return res.status(400).json({ error: 'invalid_grant' })
      res.set('Cache-Control', 'no-store').json(answerWith(next))
    })
    return createServer(app)
  },
  /** Express with a body reader of its own, `writeHead` and `end`. */
  lean: ({ exchange }) => {
    const app = express()
    app.post('/oauth/token', (req, res) => readAndAnswer(exchange, req, res))
    return createServer(app)
  },
  /** The same without Express. */
  http: ({ exchange }) => createServer((req, res) => readAndAnswer(exchange, req, res)),
}

function readAndAnswer(exchange, req, res) {
  let body = ''
  req.setEncoding('utf8')
  req.on('data', (chunk) => (body += chunk))
  req.on('end', async () => {
    const next = await exchange(new URLSearchParams(body).get('refresh_token'))
    const json = JSON.stringify(next === undefined ? { error: 'invalid_grant' } : answerWith(next))
    res.writeHead(next === undefined ? 400 : 200, {
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': Buffer.byteLength(json),
      'Cache-Control': 'no-store',
    })
    res.end(json)
  })
}

function answerWith(refreshToken) {
  return {
    access_token: randomBytes(32).toString('base64url'),
    token_type: 'Bearer',
    expires_in: 900,
    refresh_token: refreshToken,
    scope: 'notes:read notes:write',
  }
}
