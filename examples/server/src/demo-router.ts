import type { AuthorizationServer } from '@oauth-ratchet/core'
import { Router, static as serveStatic } from 'express'
import { demoClientId } from './demo-clients.js'
import { policyHeader } from './page.js'

export interface DemoOptions {
  readonly server: AuthorizationServer
  /** What examples/browser was built into. */
  readonly folder: string
  readonly prefix: string
  /** False where the clients are those of a file. */
  readonly hasClient: boolean
}

/** The demo (examples/browser): its files, and what its page has to know of this server. Mounted at `/demo`. */
export function demoRouter({ server, folder, prefix, hasClient }: DemoOptions): Router {
  const { issuer, endpointUrl } = server.settings
  const router = Router()
  router.use((req, res, next) => {
    // `no-cache`: kept, but asked for each time, with the ETag.
    res.set({ 'content-security-policy': demoPolicy, 'cache-control': 'no-cache' })
    // Relative addresses in the page want the slash.
    if (/^[^?]*\/demo(\?|$)/.test(req.originalUrl)) return res.redirect(302, `${prefix}/demo/`)
    next()
  })
  router.get('/settings.json', (_req, res) => {
    res.set('cache-control', 'no-store').json({
      issuer,
      tokenEndpoint: endpointUrl('token'),
      clientId: hasClient ? demoClientId : null,
    })
  })
  router.use(serveStatic(folder, { cacheControl: false, redirect: false }))
  return router
}

/** Scripts from files of this server only, that talk to this server only, and no HTML made of text. */
const demoPolicy = policyHeader({
  scriptSrc: ["'self'"],
  connectSrc: ["'self'"],
  requireTrustedTypesFor: ["'script'"],
})
