import { jsonResponse, OAuthError } from '@oauth-ratchet/core'
import type { EndpointResponse, RegisteredClient } from '@oauth-ratchet/core'
import { listPage } from '../messages/list-page.js'
import { limitIn } from '../messages/query-of.js'
import type { AdminCall } from './admin-context.js'
import { explainClientErrors } from './client-errors.js'

/** `GET /clients`: a page of the stored clients, by `client_id`. */
export async function listClients({ server, query }: AdminCall): Promise<EndpointResponse> {
  const cursor = query.get('cursor')
  const limit = limitIn(query)
  const page = await listPage(() => server.clients.page({ limit, ...(cursor !== null && { cursor }) }))
  return jsonResponse(200, page)
}

/** `GET /clients/:id`. */
export async function showClient({ server, id }: AdminCall): Promise<EndpointResponse> {
  return found(await server.clients.get(id))
}

/**
 * `POST /clients`, with RFC 7591 metadata: 201, and the secret this once.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7591#section-3.2.1
 */
export async function createClient({ server, by, body }: AdminCall): Promise<EndpointResponse> {
  const created = await explainClientErrors(() => server.clients.create(metadataIn(body), { by }))
  return jsonResponse(201, created)
}

/** `PATCH /clients/:id`: replaces the members that are there; null takes one away (RFC 7396). */
export async function updateClient({ server, by, id, body }: AdminCall): Promise<EndpointResponse> {
  const changes = metadataIn(body)
  if (changes['client_id'] !== undefined && changes['client_id'] !== id) {
    throw new OAuthError('invalid_client_metadata', 'client_id: that of a client cannot be changed.')
  }
  return found(await explainClientErrors(() => server.clients.update(id, changes, { by })))
}

/** `POST /clients/:id/secret`, `{ overlap }` in seconds: a new secret, shown this once. */
export async function rotateSecret({ server, by, id, body }: AdminCall): Promise<EndpointResponse> {
  const { overlap = 0, ...others } = body
  if (typeof overlap !== 'number' || Object.keys(others).length > 0) throw wrongOverlap()
  const rotate = () => server.clients.rotateSecret(id, { overlap, by })
  return found(await explainClientErrors(rotate, wrongOverlap))
}

/** `POST /clients/:id/disable` and `/enable`. */
export function setDisabled(disabled: boolean) {
  return async ({ server, by, id }: AdminCall): Promise<EndpointResponse> =>
    found(await explainClientErrors(() => server.clients.disable(id, disabled, { by })))
}

/** `DELETE /clients/:id`: its grants are kept. Of two at once one is answered 404. */
export async function removeClient({ server, by, id }: AdminCall): Promise<EndpointResponse> {
  if (await explainClientErrors(() => server.clients.remove(id, { by }))) {
    return jsonResponse(200, { removed: 1 })
  }
  throw noSuchClient()
}

/**
 * Members as the core wants them: null counts as left out (RFC 7592 §2.2), and so does what only an answer has, so that
 * a client that was read can be sent back.
 */
function metadataIn(body: AdminCall['body']): Record<string, unknown> {
  const { client_id_issued_at: _, client_secret_expires_at: __, ...given } = body
  // Left out in silence, it would be believed to be the client's secret from now on.
  if (given['client_secret'] !== undefined) {
    throw new OAuthError('invalid_client_metadata', 'client_secret: the server makes it.')
  }
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, value ?? undefined]))
}

function found(client: RegisteredClient | undefined): EndpointResponse {
  if (client !== undefined) return jsonResponse(200, client)
  throw noSuchClient()
}

function noSuchClient(): OAuthError {
  return new OAuthError('invalid_request', 'There is no such client in the storage.', { status: 404 })
}

function wrongOverlap(): OAuthError {
  return new OAuthError(
    'invalid_request',
    'The body may have overlap, in seconds, 0 or more, and nothing else.',
  )
}
