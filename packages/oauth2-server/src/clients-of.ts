import { randomBytes } from 'node:crypto'
import type { AuthorizationServerOptions, ClientLookup } from '@oauth-ratchet/core'
import type { RatchetModel } from './options.js'

/**
 * The model's clients as those of the server. They authenticate at the app's own endpoint, as ever; here nobody can, for nobody
 * knows the secret. The model's `validateScope` says what scope each gets.
 */
export function clientsOf(
  model: RatchetModel,
  scopes: AuthorizationServerOptions['scopes'] = [],
): ClientLookup {
  const client_secret = randomBytes(32).toString('base64url')
  const scope = (Array.isArray(scopes) ? (scopes as readonly string[]) : Object.keys(scopes)).join(' ')
  return async (client_id) => {
    // Without a secret, as the library asks at the authorization endpoint.
    const client = await model.getClient(client_id, null as unknown as string)
    if (!client) return undefined
    const grants = [client.grants].flat()
    return {
      client_id,
      client_secret,
      grant_types: grants.includes('refresh_token') ? ['refresh_token'] : [],
      scope,
    }
  }
}
