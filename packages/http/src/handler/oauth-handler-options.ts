import type { IncomingMessage, ServerResponse } from 'node:http'
import { httpCaller, misuse } from '../caller/caller.js'
import { checkOAuthOptions } from '../endpoints/oauth-options.js'
import type { OAuthOptions } from '../endpoints/oauth-options.js'
import type { WellKnownOptions } from '../endpoints/well-known.js'

export interface OAuthHandlerOptions<Req = IncomingMessage, Res = ServerResponse>
  extends OAuthOptions<Req, Res>, WellKnownOptions {
  /**
   * Where the endpoints are as this process sees them. Only for a proxy that strips a prefix from the path; what clients
   * are told follows from `issuer` and `basePath` of the server. Begins with a slash and has none at its end; empty for
   * the root. Default: the path of `issuer` with `basePath`.
   */
  readonly path?: string | undefined
  /**
   * The client's address, by which failed attempts are counted and which events carry: for servers behind a proxy, read
   * from a header that your own proxy sets, as `(req) => req.headersDistinct['x-real-ip']?.at(-1)`. A header that the
   * client can set lets it guess without being counted. Default: the address of the socket.
   */
  readonly clientAddress?: ((req: Req) => string | undefined) | undefined
}

/** @throws ConfigurationError for the first option that cannot work */
export function checkHandlerOptions<Req, Res>(options: OAuthHandlerOptions<Req, Res>): void {
  checkOAuthOptions(httpCaller, options, ['openidConfiguration', 'path', 'clientAddress'])
  const { path, clientAddress } = options
  if (path !== undefined && (typeof path !== 'string' || !/^(\/[^/?#\s]+)*$/.test(path))) {
    throw misuse(httpCaller, 'path', "oauthHandler: path must be like '/oauth', or '' for the root.")
  }
  if (clientAddress !== undefined && typeof clientAddress !== 'function') {
    throw misuse(httpCaller, 'client_address', 'oauthHandler: clientAddress must be a function.')
  }
}
