import { jsonResponse, OAuthError } from '@oauth-ratchet/core'
import type { EndpointResponse, Grant } from '@oauth-ratchet/core'
import { listPage } from '../messages/list-page.js'
import { limitIn } from '../messages/query-of.js'
import type { AdminCall } from './admin-context.js'

/** `GET /grants?subject=`: a page of a user's live grants, the oldest first. */
export async function listGrants({ server, query }: AdminCall): Promise<EndpointResponse> {
  const { subject, clientId } = filterIn(query)
  if (subject === undefined) throw new OAuthError('invalid_request', 'subject is missing in the query.')
  const cursor = query.get('cursor')
  const page = await listPage(() =>
    server.grants.page({
      subject,
      limit: limitIn(query),
      ...(clientId !== undefined && { clientId }),
      ...(cursor !== null && { cursor }),
    }),
  )
  return jsonResponse(200, { grants: page.grants.map(toJson), cursor: page.cursor })
}

/** `GET /grants/:id`: in whatever state. */
export async function showGrant({ server, id }: AdminCall): Promise<EndpointResponse> {
  const grant = await server.grants.get(id)
  if (grant === undefined) throw noSuchGrant()
  return jsonResponse(200, toJson(grant))
}

/** `DELETE /grants/:id`, with `subject=` only if it is that user's. Of two at once one is answered 404. */
export async function endGrant({ server, by, id, query }: AdminCall): Promise<EndpointResponse> {
  const { subject } = filterIn(query)
  if (await server.grants.revoke(id, { by, ...(subject !== undefined && { subject }) }))
    return jsonResponse(200, { ended: 1 })
  throw noSuchGrant()
}

/**
 * `DELETE /grants?subject=&client_id=`: those that fit, unredeemed codes too, as many as there is time for; with the `cursor`
 * of the answer it goes on. Without a filter it ends none.
 */
export async function endGrants({ server, by, query }: AdminCall): Promise<EndpointResponse> {
  const { subject, clientId } = filterIn(query)
  if (subject === undefined && clientId === undefined) {
    throw new OAuthError(
      'invalid_request',
      'subject or client_id is missing in the query; nothing was ended.',
    )
  }
  const cursor = query.get('cursor')
  const some = await listPage(() =>
    server.grants.revokeSome({
      ...(subject !== undefined && { subject }),
      ...(clientId !== undefined && { clientId }),
      ...(cursor !== null && { cursor }),
      by,
    }),
  )
  return jsonResponse(200, some)
}

function filterIn(query: URLSearchParams): { subject: string | undefined; clientId: string | undefined } {
  return { subject: query.get('subject') ?? undefined, clientId: query.get('client_id') ?? undefined }
}

function noSuchGrant(): OAuthError {
  return new OAuthError('invalid_request', 'There is no such grant, or it has ended.', { status: 404 })
}

/** Times in seconds since the epoch, as in RFC 7662. Claims and metadata are the app's own, and stay out. */
function toJson(grant: Grant): Record<string, unknown> {
  // JSON leaves out what is undefined.
  return {
    id: grant.id,
    status: grant.status,
    subject: grant.subject,
    client_id: grant.clientId,
    scope: grant.unreadable === true ? undefined : grant.scope.join(' '),
    unreadable: grant.unreadable,
    resources: grant.resources.length === 0 ? undefined : grant.resources,
    label: grant.label,
    user_agent: grant.userAgent,
    address: grant.remoteAddress,
    last_user_agent: grant.lastUserAgent,
    last_address: grant.lastRemoteAddress,
    auth_time: grant.authTime,
    acr: grant.acr,
    amr: grant.amr,
    created_at: Math.floor(grant.createdAt / 1000),
    last_used_at: Math.floor(grant.lastUsedAt / 1000),
    expires_at: Math.floor(grant.expiresAt / 1000),
  }
}
