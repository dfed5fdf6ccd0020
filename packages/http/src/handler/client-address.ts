import { CallbackError } from '@oauth-ratchet/core'
import type { IncomingMessage } from 'node:http'
import type { Warn } from '../caller/warn-once.js'
import type { OAuthHandlerOptions } from './oauth-handler-options.js'

/** How the client's address is found: by the app's option, or else it is the socket's, with a warning where a proxy shows. */
export function clientAddressOf<Req extends IncomingMessage, Res>(
  { clientAddress }: OAuthHandlerOptions<Req, Res>,
  warn: Warn,
): (req: Req) => string | undefined {
  if (clientAddress === undefined) {
    return (req) => {
      if (req.headers['x-forwarded-for'] !== undefined) warn('OAUTH_RATCHET_TRUST_PROXY', advice)
      return req.socket.remoteAddress
    }
  }
  return (req) => {
    try {
      return clientAddress(req)
    } catch (error) {
      throw new CallbackError('clientAddress', 'threw', error)
    }
  }
}

const advice =
  'A request came with X-Forwarded-For, and oauthHandler has no option clientAddress: behind a proxy every client then ' +
  "has the proxy's address, and failed guesses of one are counted against all. Give clientAddress, a function of the " +
  'request that reads the header which your proxy sets. Without a proxy a client made the header up, and this can be ignored.'
