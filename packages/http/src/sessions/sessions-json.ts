import { jsonResponse, OAuthError } from '@oauth-ratchet/core'
import type { EndpointResponse } from '@oauth-ratchet/core'
import type { IncomingMessage } from 'node:http'
import { plainLook } from '../pages/look.js'
import { endOne, endOthers } from './end-sessions.js'
import { listSessions } from './list-sessions.js'
import type { UserSession } from './list-sessions.js'
import { assertOwnPage } from '../guard/own-page.js'
import type { SessionOwner } from './session-owner.js'
import { deviceInWords } from './sessions-context.js'
import type { SessionsContext } from './sessions-context.js'

/**
 * `GET /`, `DELETE /` (all others) and `DELETE /:id`, as JSON.
 *
 * @param id undefined for the list itself
 * @throws OAuthError 400, 403 for a write from another page, 404, 405, 503
 */
export async function sessionsJson<Req extends IncomingMessage>(
  context: SessionsContext<Req, never>,
  owner: SessionOwner,
  req: Req,
  { id, query }: { readonly id: string | undefined; readonly query: URLSearchParams },
): Promise<EndpointResponse> {
  const { server } = context
  const reads = id === undefined && (req.method === 'GET' || req.method === 'HEAD')
  if (reads) {
    const { sessions, cursor } = await listSessions(server, owner, query)
    return jsonResponse(200, {
      sessions: sessions.map((session) => toJson(context, session)),
      ...(cursor !== undefined && { cursor }),
    })
  }
  if (req.method !== 'DELETE') {
    const allow = id === undefined ? 'GET, HEAD, DELETE' : 'DELETE'
    throw new OAuthError('invalid_request', 'This method is not known here.', {
      status: 405,
      headers: { allow },
    })
  }
  if (owner.by === 'session') assertOwnPage(req)
  if (id === undefined) return jsonResponse(200, { ended: await endOthers(server, owner) })
  if (await endOne(server, owner, id)) return jsonResponse(200, { ended: 1 })
  // The same for somebody else's, which nobody learns of.
  throw new OAuthError('invalid_request', 'There is no such session.', { status: 404 })
}

/** Times in seconds since the epoch, as in RFC 7662. */
function toJson(
  { describeDevice }: SessionsContext<never, never>,
  { grant, clientName, current }: UserSession,
): Record<string, unknown> {
  // JSON leaves out what is undefined.
  return {
    id: grant.id,
    current,
    client_id: grant.clientId,
    client_name: clientName,
    label: grant.label,
    device: deviceInWords(describeDevice, plainLook, grant.userAgent ?? grant.lastUserAgent),
    user_agent: grant.userAgent,
    address: grant.remoteAddress,
    last_user_agent: grant.lastUserAgent,
    last_address: grant.lastRemoteAddress,
    scope: grant.unreadable === true ? undefined : grant.scope.join(' '),
    unreadable: grant.unreadable,
    created_at: Math.floor(grant.createdAt / 1000),
    last_used_at: Math.floor(grant.lastUsedAt / 1000),
    expires_at: Math.floor(grant.expiresAt / 1000),
  }
}
