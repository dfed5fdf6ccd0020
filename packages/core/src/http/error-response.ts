import { toOAuthError } from '../faults/outages.js'
import type { FaultEvents } from '../faults/outages.js'
import { json } from './message.js'
import type { EndpointResponse } from './message.js'
import type { Origin } from './origin.js'

/** The answer to whatever went wrong. Faults of ours raise `request.failed` and tell the client nothing of them. */
export function errorResponse(events: FaultEvents, error: unknown, origin?: Origin): EndpointResponse {
  const answer = toOAuthError(events, error, origin)
  return json(answer.status, { error: answer.code, error_description: answer.message }, answer.headers)
}
