import type { Client } from '../clients/client.js'
import type { OAuthErrorCode } from '../faults/errors.js'
import type { EndpointResponse } from '../http/message.js'
import type { Origin } from '../http/origin.js'
import type { Parameters } from '../http/parameters.js'
import type { StartedRequest } from '../instrumentation.js'
import type { ServerParts } from '../server-parts.js'

/** What an endpoint has found out about its request so far. */
export interface Finding {
  client?: Client
  parameters?: Parameters
}

const grantTypes: ReadonlySet<string> = new Set([
  'authorization_code',
  'refresh_token',
  'client_credentials',
  'password',
])

/** Runs the answer to a request within the server's instrumentations; without any it is the answer and no more. */
export function instrumented(
  { instruments }: ServerParts,
  endpoint: StartedRequest['endpoint'],
  origin: Origin,
  finding: Finding,
  answer: () => Promise<EndpointResponse>,
): Promise<EndpointResponse> {
  if (!instruments.active) return answer()
  return instruments.request({ endpoint }, answer, (settled) => {
    const response = settled.status === 'fulfilled' ? settled.value : undefined
    const status = response?.status ?? 500
    const { client, parameters } = finding
    const grantType = endpoint === 'token' ? parameters?.get('grant_type') : undefined
    return {
      status,
      requestId: origin.requestId,
      ...(status >= 400 && { error: errorOf(response) }),
      ...(client !== undefined && { clientId: client.id }),
      ...(grantType !== undefined && { grantType: grantTypes.has(grantType) ? grantType : 'other' }),
    }
  })
}

function errorOf(response: EndpointResponse | undefined): OAuthErrorCode {
  return response === undefined
    ? 'server_error'
    : (JSON.parse(response.body) as { readonly error: OAuthErrorCode }).error
}
