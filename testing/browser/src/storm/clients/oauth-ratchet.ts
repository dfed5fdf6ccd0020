import { createClient } from '@oauth-ratchet/client'
import { API } from '../storm-client.js'
import type { StormClient, StormClientOptions } from '../storm-client.js'

/** As its README says: `store: 'localStorage'`, and `client.fetch`. */
export function setUp({ origin, clientId }: StormClientOptions): StormClient {
  const client = createClient({ issuer: origin, clientId, store: 'localStorage' })
  return {
    signIn: (tokens) => client.adopt(tokens),
    ask: async () => (await client.fetch(API)).status,
  }
}
