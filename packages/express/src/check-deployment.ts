import type { AuthorizationServer } from '@oauth-ratchet/core'
import type { Warn } from '@oauth-ratchet/http/adapter'
import type { Request } from 'express'

/**
 * Makes a check of what only a request can show: that the app knows of its proxy, and that the router is mounted
 * where the metadata says it is.
 */
export function checkDeployment(server: AuthorizationServer, warn: Warn): (req: Request) => void {
  const expected = mountPathOf(server)
  return (req) => {
    if (req.headers['x-forwarded-for'] !== undefined && !req.app.get('trust proxy')) {
      warn(
        'OAUTH_RATCHET_TRUST_PROXY',
        "A request came with X-Forwarded-For, but the app's 'trust proxy' setting is off: behind a proxy every client " +
          "then has the proxy's address, and failed guesses of one are counted against all. Set it to the proxies " +
          "that you run, e.g. app.set('trust proxy', 'loopback'). Without a proxy a client made the header up, and " +
          'this can be ignored. See https://expressjs.com/en/guide/behind-proxies.html',
      )
    }
    if (req.baseUrl !== expected && req.baseUrl.toLowerCase() !== expected.toLowerCase()) {
      warn(
        'OAUTH_RATCHET_MOUNT_PATH',
        `oauthRouter is mounted at '${req.baseUrl}', but the metadata tells clients to come to '${expected}' (issuer ` +
          'and basePath of createAuthorizationServer). Behind a proxy that strips a prefix from the path this is ' +
          'right, and the warning can be ignored; otherwise mount it there, or change basePath.',
      )
    }
  }
}

function mountPathOf(server: AuthorizationServer): string {
  return new URL(server.settings.endpointUrl('token')).pathname.replace(/\/token$/, '')
}
