import type { ClientMembers } from '../options/client-metadata.js'
import type { StoredClient } from './stored-client.js'

/** A client as it is registered: all of its metadata, never its secret. */
export interface RegisteredClient extends ClientMembers {
  readonly client_id: string
  /** Seconds since the epoch. */
  readonly client_id_issued_at: number
  readonly [member: string]: unknown
}

/** The answer that shows a secret: the only one that ever does. */
export interface ClientWithSecret extends RegisteredClient {
  /** 256 random bits; absent for public clients. Only its SHA-256 is kept. */
  readonly client_secret?: string
  /** Always 0: it does not expire (RFC 7591 §3.2.1). Absent without a secret. */
  readonly client_secret_expires_at?: number
}

/** A stored client without its secrets. */
export function toRegistered(stored: StoredClient): RegisteredClient {
  return { ...stored.metadata, client_id_issued_at: Math.floor(stored.createdAt / 1000) }
}
