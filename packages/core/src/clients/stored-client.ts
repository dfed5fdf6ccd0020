import { createHash } from 'node:crypto'
import { StorageError } from '../faults/storage-error.js'
import type { ClientMetadata } from '../options/client-metadata.js'
import type { Settings } from '../options/settings.js'
import { clientOf, hashSecret } from './client.js'
import type { Client, ClientSecret } from './client.js'

/** A client as a storage keeps it: metadata, and secrets as hashes only. */
export interface StoredClient {
  readonly metadata: ClientMetadata
  readonly secrets: readonly StoredSecret[]
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

interface StoredSecret {
  /** SHA-256 as base64url. */
  readonly hash: string
  /** Milliseconds since the epoch; absent: the current one. */
  readonly expiresAt?: number
  /** It was made elsewhere, and can be guessed. Those of this server are 256 random bits. */
  readonly weak?: true
}

/**
 * What a storage keeps of a client, read.
 *
 * @throws StorageError for what this server cannot have written
 */
export function readStored(clientId: string, data: string): StoredClient {
  const stored = parsed(data) as Partial<StoredClient> | null | undefined
  if (
    stored?.metadata?.client_id === clientId &&
    Array.isArray(stored.secrets) &&
    stored.secrets.every((secret: Partial<StoredSecret> | null) => typeof secret?.hash === 'string') &&
    typeof stored.createdAt === 'number'
  )
    return stored as StoredClient
  throw new StorageError(
    `The record of client ${clientId} is damaged: remove the client and register it anew.`,
  )
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    return undefined
  }
}

/** The stored client as the core works with it. */
export function toClient(stored: StoredClient, settings: Settings): Client {
  const secrets = stored.secrets.map(({ hash, expiresAt, weak = false }): ClientSecret => ({
    hash: Buffer.from(hash, 'base64url'),
    weak,
    ...(expiresAt !== undefined && { expiresAt }),
  }))
  return clientOf(stored.metadata, settings, secrets)
}

/** A new current secret; the others go on until `oldUntil`, and those that have expired are dropped. */
export function withSecret(
  secrets: readonly StoredSecret[],
  secret: string,
  now: number,
  oldUntil: number,
): StoredSecret[] {
  const old = secrets
    .map((each) => ({ ...each, expiresAt: Math.min(each.expiresAt ?? Infinity, oldUntil) }))
    .filter(({ expiresAt }) => expiresAt > now)
  return [{ hash: hashSecret(secret).toString('base64url') }, ...old]
}

/** A secret that the client has already. */
export function keptSecret({ hash, weak }: ClientSecret): StoredSecret {
  return { hash: hash.toString('base64url'), ...(weak && { weak }) }
}

/** The key of a client in a store that several realms may share: they do not see each other's clients. */
export function storedId(realm: string, clientId: string): string {
  return `${realmPrefix(realm)}${clientId}`
}

/** What the keys of all clients of a realm begin with. */
export function realmPrefix(realm: string): string {
  return `${createHash('sha256').update(realm).digest('base64url').slice(0, 12)}:`
}
