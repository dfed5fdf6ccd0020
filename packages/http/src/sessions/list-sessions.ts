import type { AuthorizationServer, Grant } from '@oauth-ratchet/core'
import { listPage } from '../messages/list-page.js'
import { limitIn } from '../messages/query-of.js'
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
 * @throws OAuthError `invalid_request` for an invalid cursor or limit
 */
export async function listSessions(
  server: AuthorizationServer,
  { subject, session, grantId }: SessionOwner,
  query: URLSearchParams,
): Promise<SessionList> {
  const cursor = query.get('cursor') ?? undefined
  const limit = limitIn(query)
  const page = await listPage(() =>
    server.grants.page({
      subject,
      limit,
      ...(session !== undefined && { session }),
      ...(cursor !== undefined && cursor !== '' && { cursor }),
    }),
  )
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
