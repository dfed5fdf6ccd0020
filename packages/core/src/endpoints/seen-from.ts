import { header } from '../http/message.js'
import type { EndpointRequest } from '../http/message.js'
import type { Settings } from '../options/settings.js'
import { keptOf } from '../ratchet/seen.js'
import type { SeenFrom } from '../ratchet/seen.js'

/** What is kept of where a request comes from that the user's own device has sent. */
export function seenFromOf(
  { keep }: Pick<Settings, 'keep'>,
  request: Pick<EndpointRequest, 'headers' | 'remoteAddress'>,
): SeenFrom | undefined {
  if (keep.size === 0) return undefined
  return keptOf(keep, {
    userAgent: header(request, 'user-agent'),
    remoteAddress: request.remoteAddress,
  })
}
