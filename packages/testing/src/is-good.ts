import type { AuthorizationServer } from '@oauth-ratchet/core'
import { Session } from './session.js'

/** What the matchers and assertions take: what {@link signedIn} has given, a token response, or a single token. */
export type Tokens =
  | { readonly session: Session }
  | { readonly access_token?: string | undefined; readonly refresh_token?: string | undefined }
  | string

/**
 * Whether one of the tokens is good. It presents nothing: no token is spent and no idle limit moves.
 *
 * @param server where the tokens are from; not needed for what `signedIn` has given
 * @throws TypeError for what has no tokens, or where the server is missing
 */
export async function isGood(received: Tokens, server?: AuthorizationServer): Promise<boolean> {
  const { tokens, from } = tokensOf(received, server)
  if (tokens.length === 0)
    throw new TypeError('There is no token: give what signedIn has given, a token response, or a token.')
  if (from === undefined)
    throw new TypeError('Give the server as well: only what signedIn has given knows its own.')
  for (const token of tokens) if ((await from.tokens.introspect(token)).active) return true
  return false
}

function tokensOf(
  received: Tokens,
  server: AuthorizationServer | undefined,
): { readonly tokens: readonly string[]; readonly from: AuthorizationServer | undefined } {
  if (typeof received === 'string') return { tokens: [received], from: server }
  // A proxied agent is a function or an object.
  const { session } = (received ?? {}) as { session?: unknown }
  if (session instanceof Session) {
    return { tokens: strings(session.refreshToken, session.accessToken), from: server ?? session.server }
  }
  const { access_token, refresh_token } = (received ?? {}) as {
    access_token?: unknown
    refresh_token?: unknown
  }
  return { tokens: strings(refresh_token, access_token), from: server }
}

function strings(...values: unknown[]): string[] {
  return values.filter((value) => typeof value === 'string')
}
