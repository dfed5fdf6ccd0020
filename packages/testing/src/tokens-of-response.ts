import type { AgentResponse } from './agent.js'
import type { SessionTokens } from './session.js'

/**
 * The tokens of an answer, with the refresh token from its cookie where it is not in the body.
 *
 * @throws TypeError where the answer has no access token
 */
export function tokensOfResponse(what: string, { status, headers, body }: AgentResponse): SessionTokens {
  const tokens = (body ?? {}) as Partial<SessionTokens>
  if (typeof tokens.access_token !== 'string') {
    throw new TypeError(`${what} answered ${status}, without an access_token in its JSON.`)
  }
  const cookie = cookieOf(headers)
  const refresh_token = tokens.refresh_token ?? cookie?.value
  return {
    ...tokens,
    access_token: tokens.access_token,
    ...(refresh_token !== undefined && { refresh_token }),
  }
}

/** The cookie with a refresh token that an answer sets; its name does not matter, a refresh token is known by its prefix. */
export function cookieOf(headers: object): { readonly name: string; readonly value: string } | undefined {
  const lines = [(headers as { 'set-cookie'?: string | string[] })['set-cookie'] ?? []].flat()
  for (const line of lines) {
    const [, name, value] = /^([^=;]+)=(orr_[\w-]+)/.exec(line) ?? []
    if (name !== undefined && value !== undefined) return { name, value }
  }
  return undefined
}
