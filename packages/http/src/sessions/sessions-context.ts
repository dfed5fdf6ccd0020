import type { AuthorizationServer } from '@oauth-ratchet/core'
import type { ErrorContext } from '../authorization/show-error.js'
import { deviceOf, programOf } from '../pages/device-in-words.js'
import type { PageLook } from '../pages/look.js'
import { fillText } from '../pages/texts.js'
import type { OwnerSources } from './session-owner.js'

/** What the routes work with. */
export interface SessionsContext<Req, Res> extends OwnerSources<Req, Res>, ErrorContext<Req, Res> {
  readonly server: AuthorizationServer
  readonly describeDevice: ((userAgent: string) => string | undefined) | undefined
}

/** A device in words; undefined where nobody can say. */
export function deviceInWords(
  describe: SessionsContext<never, never>['describeDevice'],
  { texts }: Pick<PageLook, 'texts'>,
  userAgent: string | undefined,
): string | undefined {
  if (userAgent === undefined) return undefined
  const own = describe?.(userAgent)
  if (own !== undefined) return own
  const device = deviceOf(userAgent)
  return device === undefined ? programOf(userAgent) : fillText(texts.sessionDevice, { ...device })
}
