import type { Client } from '../clients/client.js'
import { CallbackError, OAuthError } from '../faults/errors.js'
import { callbackCall } from '../faults/callback-call.js'
import type { Origin } from '../http/origin.js'
import type { SignIn } from '../options/sign-in.js'
import type { ServerParts } from '../server-parts.js'

/**
 * Asks the app whether a password is right. Guesses are counted per user and address, and per address, and refused
 * before they reach the app once there were too many.
 *
 * @throws OAuthError 429 after many failures
 * @throws CallbackError when the app cannot say
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.3.2
 */
export async function checkPassword(
  parts: ServerParts,
  client: Client,
  { username, password }: { readonly username: string; readonly password: string },
  origin: Origin,
): Promise<SignIn | undefined> {
  const { authenticateUser } = parts.callbacks
  if (authenticateUser === undefined) return undefined
  const throttle = parts.passwordThrottle
  const { remoteAddress } = origin
  const failed = (throttled: boolean): void =>
    parts.events.emit('user.authentication_failed', {
      ...origin.describe(),
      clientId: client.id,
      throttled,
    })
  const assertNotThrottled = (): void => {
    if (throttle?.isOver(username, remoteAddress) !== true) return
    failed(true)
    throw throttle.error(username, remoteAddress)
  }
  assertNotThrottled()
  const signIn = await callbackCall(parts.settings.callbackTimeoutMs, 'authenticateUser', () =>
    authenticateUser(username, password),
  )
  // Asked again: of many guesses sent at once the limit must not let the right one through either.
  assertNotThrottled()
  if (typeof signIn === 'object' && signIn !== null) return signIn
  if (signIn !== undefined && signIn !== null) {
    throw new CallbackError('authenticateUser', 'must answer { subject }, or nothing for a wrong password')
  }
  throttle?.fail(username, remoteAddress)
  failed(false)
  throw new OAuthError('invalid_grant', 'Username or password is wrong.')
}
