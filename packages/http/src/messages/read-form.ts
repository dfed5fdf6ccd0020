import type { EndpointRequest } from '@oauth-ratchet/core'

/** The fields of a page's form. Not the core's strict parser: checkboxes are repeated fields. */
export function readForm({ body }: EndpointRequest): URLSearchParams {
  if (body === undefined) return new URLSearchParams()
  if (body instanceof Uint8Array) return new URLSearchParams(Buffer.from(body).toString())
  const pairs = Object.entries(body).flatMap(([name, value]: [string, unknown]) =>
    [value].flat().map((single): [string, string] => [name, typeof single === 'string' ? single : '']),
  )
  return new URLSearchParams(pairs)
}
