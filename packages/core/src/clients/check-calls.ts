import { checkCall, isOptions } from '../options/member-names.js'

/** The options of each method of `server.clients` that has some. */
const calls = {
  create: { by: true, secret: true },
  page: { limit: true, cursor: true },
  update: { by: true },
  remove: { by: true },
  rotateSecret: { overlap: true, by: true },
} as const

/** @throws TypeError for options that are no object, and for a name that is not known */
export function checkClientsCall(call: keyof typeof calls, options: unknown): void {
  checkCall(`clients.${call}`, options, calls[call])
}

/**
 * A whole client in place of its id would be the id of none: who disables a stolen client must not believe that it is
 * done. Other values come from forms and links.
 *
 * @throws TypeError for a whole client
 */
export function checkClientId(call: string, clientId: unknown): void {
  if (!isOptions(clientId) || !('client_id' in clientId)) return
  throw new TypeError(`clients.${call} wants the client_id of a client, not the client.`)
}

/** @throws TypeError for metadata that is no object */
export function checkMembers(call: string, metadata: unknown): void {
  if (!isOptions(metadata)) throw new TypeError(`clients.${call} wants an object of client metadata.`)
}
