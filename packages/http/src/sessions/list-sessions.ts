import { isCursorError, OAuthError } from '@oauth-ratchet/core'
import type { AuthorizationServer, Grant } from '@oauth-ratchet/core'
import type { SessionOwner } from './session-owner.js'

/** A session as its user sees it. */
export interface UserSession {
  readonly grant: Grant
  readonly clientName: string | undefined
  readonly current: boolean
}

export interface SessionList {
  readonly sessions: readonly UserSession[]
  readonly cursor: string | undefined
}

/**
 * One page of the owner's sessions: this one first, then those used last.
 *
 * @throws OAuthError `invalid_request` for a cursor or a limit that is none
 */
export async function listSessions(
  server: AuthorizationServer,
  { subject, session, grantId }: SessionOwner,
  query: URLSearchParams,
): Promise<SessionList> {
  const cursor = query.get('cursor') ?? undefined
  const limit = limitOf(query.get('limit'))
  const page = await pageOf(server, {
    subject,
    limit,
    ...(session !== undefined && { session }),
    ...(cursor !== undefined && cursor !== '' && { cursor }),
  })
  const here = new Set(page.inSession)
  const names = new Map<string, string | undefined>()
  for (const { clientId } of page.grants) {
    if (!names.has(clientId)) names.set(clientId, await server.clients.nameOf(clientId))
  }
  const sessions = page.grants.map((grant) => ({
    grant,
    clientName: names.get(grant.clientId),
    current: grant.id === grantId || here.has(grant.id),
  }))
  sessions.sort((a, b) => Number(b.current) - Number(a.current) || b.grant.lastUsedAt - a.grant.lastUsedAt)
  return { sessions, cursor: page.cursor }
}

async function pageOf(
  server: AuthorizationServer,
  options: Parameters<AuthorizationServer['grants']['page']>[0],
) {
  try {
    return await server.grants.page(options)
  } catch (error) {
    if (isCursorError(error)) throw new OAuthError('invalid_request', 'The cursor is not one of this list.')
    throw error
  }
}

function limitOf(text: string | null): number {
  if (text === null) return 50
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= 500) return limit
  throw new OAuthError('invalid_request', 'limit must be a number from 1 to 500.')
}
