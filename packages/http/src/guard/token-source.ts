import type { Auth, AuthorizationServer, OAuthError, VerifyOptions } from '@oauth-ratchet/core'
import type { Caller } from '../caller/caller.js'
import { checkServer } from '../caller/check-server.js'
import type { TokenVerifier } from '../verifier/token-verifier.js'

/** What `requireToken` can check tokens with: the authorization server itself, or a verifier in another process. */
export type TokenAuthority = AuthorizationServer | TokenVerifier

/** Either of them as the guard needs it. */
export interface TokenSource {
  readonly issuer: string
  /** The scopes there are; empty where that is not known. */
  readonly scopes: ReadonlySet<string>
  readonly checksGrants: boolean
  readonly verify: (token: string, options: VerifyOptions) => Promise<Auth>
  /** The error to answer with for a fault that is not the request's; reports it. */
  readonly toError: (error: unknown) => OAuthError
}

/** @throws ConfigurationError `server`, with the beginning of the caller's codes, for what is neither */
export function tokenSourceOf(caller: Caller, authority: TokenAuthority): TokenSource {
  if (isVerifier(authority)) {
    return {
      issuer: authority.issuer,
      scopes: new Set(),
      checksGrants: authority.introspects,
      verify: (token, options) => authority.verify(token, options),
      toError: (error) => authority.toError(error),
    }
  }
  checkServer(caller, 'requireToken', authority)
  return {
    issuer: authority.settings.issuer,
    scopes: new Set(authority.settings.scopes.keys()),
    checksGrants: true,
    verify: (token, options) => authority.tokens.verify(token, options),
    toError: (error) => authority.endpoints.toError(error),
  }
}

// By its shape, as servers are: a program may have loaded both copies of this package.
function isVerifier(authority: unknown): authority is TokenVerifier {
  const { verify, introspects } = (authority ?? {}) as Partial<TokenVerifier>
  return typeof verify === 'function' && typeof introspects === 'boolean'
}
