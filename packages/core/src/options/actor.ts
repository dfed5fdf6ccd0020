/**
 * Who asks for a call, in the app's own words (`admin:jane`): for the event.
 *
 * @throws TypeError for what is no string of 1 to 255 characters, or has a control character: it ends in logs
 */
export function actorOf(by: unknown): string | undefined {
  if (by === undefined) return undefined
  if (typeof by === 'string' && /^\P{Cc}{1,255}$/u.test(by)) return by
  throw new TypeError('by must be a string of 1 to 255 characters without control characters.')
}
