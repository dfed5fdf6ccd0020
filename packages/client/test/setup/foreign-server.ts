import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { bundleForBrowser } from '@oauth-ratchet/browser'
import express from 'express'

/** A request to the provider's token endpoint. */
export interface TokenRequest {
  readonly method: string
  /** Names of the headers sent and, in a preflight, of those asked for. */
  readonly headers: readonly string[]
  readonly grantType?: string
  readonly status: number
}

export interface ForeignServer {
  /** Of the app: its pages and its API. */
  readonly origin: string
  readonly issuer: string
  /** Token requests that are no preflights, in order. */
  readonly refreshes: () => readonly TokenRequest[]
  /** Every request to the token endpoint. */
  readonly requests: readonly TokenRequest[]
  readonly revoked: () => number
  /** The API answers 401 to every access token that it has seen so far. */
  readonly expire: () => void
  readonly close: () => Promise<void>
}

/** An app of one origin, and an `oidc-provider` of another as its authorization server. */
export async function startForeignServer(): Promise<ForeignServer> {
  const app = express()
  const http = createServer(app)
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const redirectUri = `${origin}/callback`

  // It says that its pages and keys are for development.
  const child = spawn(
    process.execPath,
    [join(__dirname, '..', 'fixtures', 'oidc-provider.mjs'), redirectUri],
    { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] },
  )
  const requests: TokenRequest[] = []
  let revoked = 0
  const issuer = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`oidc-provider exited with ${code}.`)))
    child.on('message', (said: string | TokenRequest | { revoked: true }) => {
      if (typeof said === 'string') resolve(said)
      else if ('revoked' in said) revoked++
      else requests.push(said)
    })
  })

  const source = readFileSync(join(__dirname, 'foreign-page.ts'), 'utf8')
  const program = await bundleForBrowser(source, 'page', __dirname)
  const options = {
    issuer,
    clientId: 'app',
    redirectUri,
    scope: 'openid offline_access',
    store: 'localStorage',
  }
  app.get(['/', '/callback'], (_req, res) => {
    res
      .type('html')
      .send(
        `<!doctype html><title>app</title><script type="application/json" id="options">${JSON.stringify(options)}</script>` +
          '<script type="module" src="/page.js"></script>',
      )
  })
  const refused = new Set<string>()
  const seen = new Set<string>()
  app.get('/api/notes', async (req, res) => {
    const authorization = req.get('authorization') ?? ''
    // The provider's word: its userinfo endpoint takes its access tokens only.
    const known =
      !refused.has(authorization) && (await fetch(`${issuer}/me`, { headers: { authorization } })).ok
    seen.add(authorization)
    res.sendStatus(known ? 200 : 401)
  })
  app.get('/*file', (req, res) => {
    const text = program.get(req.path)
    if (text === undefined) res.sendStatus(404)
    else res.type('js').send(text)
  })

  return {
    origin,
    issuer,
    requests,
    refreshes: () => requests.filter(({ grantType }) => grantType === 'refresh_token'),
    revoked: () => revoked,
    expire() {
      for (const token of seen) refused.add(token)
    },
    async close() {
      child.kill()
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}
