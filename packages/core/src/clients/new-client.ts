import type { ClientMembers } from '../options/client-metadata.js'

/** Metadata of a client to be made; without a `client_id` one is made up. A secret in it is not taken. */
export interface NewClient extends ClientMembers {
  readonly client_id?: string | undefined
  readonly [member: string]: unknown
}

/** Who asks for a change, for the event `client.changed`: at most 255 characters. */
export interface ByOptions {
  readonly by?: string | undefined
}

export interface CreateClientOptions extends ByOptions {
  /**
   * The secret that the client has already, at the server that it moves from; its hash alone is kept, and it is not shown. One
   * that can be guessed is a warning (`OAUTH_RATCHET_WEAK_SECRET`). Default: one of 256 random bits is made, and shown this once.
   */
  readonly secret?: string | undefined
}
