// The API: knows the issuer, and its own credentials for introspection. No storage, no secret of the server's.
import { createTokenVerifier, getAuth, oauthErrorHandler, requireToken } from '@oauth-ratchet/express'
import express from 'express'

const { PORT = '3001', ISSUER = 'http://127.0.0.1:3000', CACHE_SECONDS = '5' } = process.env

const verifier = createTokenVerifier({
  issuer: ISSUER,
  audience: `http://127.0.0.1:${PORT}`,
  // For opaque tokens. With FORMAT=jwt it is not used, and can be left out.
  introspection: {
    clientId: 'api',
    clientSecret: process.env['API_SECRET'] ?? '',
    cacheFor: Number(CACHE_SECONDS),
  },
})

const app = express()
app.get('/notes', requireToken(verifier, { scope: 'notes:read' }), (req, res) => {
  res.json({ owner: getAuth(req).subject, notes: ['Buy milk'] })
})
app.use(oauthErrorHandler())
app.listen(Number(PORT), '127.0.0.1', () => console.log(`API: http://127.0.0.1:${PORT}`))
