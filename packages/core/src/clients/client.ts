import { hash, timingSafeEqual } from 'node:crypto'
import { ConfigurationError } from '../faults/errors.js'
import { hasControlCharacter } from '../http/control-characters.js'
import { secretStrength } from '../options/secret-strength.js'
import { isInstant, millisecondsOf } from '../options/seconds.js'
import { clientPolicy } from './client-policy.js'
import type { ClientPolicy, PolicySettings } from './client-policy.js'
import { checkRedirectUri, redirectOrigin } from './redirect-uri.js'
import type { ClientMetadata } from '../options/client-metadata.js'
import { nearName } from '../options/near-name.js'
import { splitScope } from '../options/scopes.js'
import type { Settings } from '../options/settings.js'

/** A client as the core works with it: checked, with sets in place of lists and hashes in place of secrets. */
export interface Client extends ClientPolicy {
  readonly id: string
  readonly authMethod: 'none' | 'client_secret_basic' | 'client_secret_post'
  /** Of a public client too, where one is registered: it may be sent, and proves nothing. */
  readonly secrets: readonly ClientSecret[]
  readonly redirectUris: readonly string[]
  readonly grantTypes: ReadonlySet<string>
  readonly scope: readonly string[]
  readonly origins: ReadonlySet<string>
  readonly mayIntrospect: 'own' | 'any'
  /** Milliseconds since the epoch. */
  readonly notBefore: number
  readonly disabled: boolean
  /** Everything as registered, without secrets. */
  readonly metadata: ClientMetadata
}

export interface ClientSecret {
  readonly hash: Buffer
  /** Shorter than 128 bits of the densest alphabet, or made up: guesses at it are stopped before they are compared. */
  readonly weak: boolean
  /** Milliseconds since the epoch; absent: does not expire. */
  readonly expiresAt?: number
}

const authMethods = ['none', 'client_secret_basic', 'client_secret_post'] as const
const knownGrantTypes = new Set(['authorization_code', 'refresh_token', 'client_credentials', 'password'])

/**
 * Checks client metadata and makes a {@link Client} of it.
 *
 * @param settings which redirect URIs may be http, and the policy of clients that have none of their own
 * @param secrets hashes kept in a store; without them those of `client_secret`
 * @throws ConfigurationError naming the client and the member that is wrong
 */
export function clientOf(
  metadata: ClientMetadata,
  settings: Pick<Settings, 'insecureRedirectUris'> & PolicySettings,
  secrets?: readonly ClientSecret[],
): Client {
  const id: unknown = (metadata as ClientMetadata | null | undefined)?.client_id
  if (!isClientId(id)) {
    throw new ConfigurationError(
      'clients.client_id',
      'Each client needs a client_id of 1 to 255 printable characters.',
    )
  }
  const wrong = (member: string, message: string): never => {
    throw new ConfigurationError(`clients.${member}`, `Client ${id}: ${member} ${message}`)
  }

  const authMethod = metadata.token_endpoint_auth_method ?? 'client_secret_basic'
  if (!authMethods.includes(authMethod))
    wrong('token_endpoint_auth_method', `must be one of ${authMethods.join(', ')}.`)
  const held = secrets ?? secretsOf(metadata.client_secret)
  if (authMethod !== 'none' && held.length === 0) {
    wrong('client_secret', "is missing; a client without one needs token_endpoint_auth_method: 'none'.")
  }

  const grantTypes = new Set(
    stringsOf(metadata.grant_types ?? ['authorization_code'], () => wrong('grant_types', 'must be strings.')),
  )
  for (const type of grantTypes) {
    if (knownGrantTypes.has(type)) continue
    const near = nearName(type, [...knownGrantTypes])
    const hint = near === undefined ? '' : ` Did you mean ${JSON.stringify(near)}?`
    wrong('grant_types', `has ${JSON.stringify(type)}, which this server does not offer.${hint}`)
  }
  if (grantTypes.has('client_credentials') && authMethod === 'none') {
    wrong('grant_types', 'has client_credentials, which needs a secret (RFC 6749 §4.4).')
  }

  const redirectUris = stringsOf(metadata.redirect_uris ?? [], () =>
    wrong('redirect_uris', 'must be strings.'),
  )
  for (const uri of redirectUris) {
    const problem = checkRedirectUri(uri, settings)
    if (problem !== undefined) wrong('redirect_uris', `has ${JSON.stringify(uri)}: ${problem}`)
  }
  if (
    grantTypes.has('authorization_code') &&
    redirectUris.length === 0 &&
    metadata.redirect_uris !== undefined
  ) {
    wrong('redirect_uris', 'is empty; the authorization_code grant needs one.')
  }

  const scope = metadata.scope ?? ''
  if (typeof scope !== 'string') wrong('scope', 'must be a space-separated string.')
  const mayIntrospect = metadata.may_introspect ?? 'own'
  if (mayIntrospect !== 'own' && mayIntrospect !== 'any') wrong('may_introspect', "must be 'own' or 'any'.")
  if (mayIntrospect === 'any' && authMethod === 'none') {
    wrong(
      'may_introspect',
      "is 'any'; a public client, which anybody can claim to be, may introspect nothing.",
    )
  }
  const notBefore = metadata.grants_not_before ?? 0
  if (!isInstant(notBefore)) wrong('grants_not_before', 'must be seconds since the epoch, not milliseconds.')
  const disabled = metadata.disabled ?? false
  if (typeof disabled !== 'boolean') wrong('disabled', 'must be true or false.')
  const origins = stringsOf(metadata.allowed_origins ?? [], () =>
    wrong('allowed_origins', 'must be strings.'),
  )
  for (const origin of origins) {
    if (!isOrigin(origin))
      wrong('allowed_origins', `has ${JSON.stringify(origin)}, which is no origin like https://app.example.`)
  }

  const { client_secret: _, ...rest } = metadata
  return {
    id,
    authMethod,
    secrets: held,
    redirectUris,
    grantTypes,
    scope: splitScope(scope),
    origins: new Set([
      ...origins,
      ...redirectUris.map(redirectOrigin).filter((origin) => origin !== undefined),
    ]),
    mayIntrospect,
    notBefore: millisecondsOf(notBefore),
    disabled,
    ...clientPolicy(metadata, settings, wrong),
    metadata: rest,
  }
}

/** What can be a client_id at all (RFC 6749 Appendix A.1, and a bound). */
export function isClientId(id: unknown): id is string {
  return typeof id === 'string' && /^[\x20-\x7e]{1,255}$/.test(id)
}

/** Whether a presented secret is one of the client's that has not expired. In constant time over each. */
export function hasSecret(client: Client, presented: string, now: number): boolean {
  const given = hashSecret(presented)
  let found = false
  for (const secret of client.secrets) {
    const same = timingSafeEqual(secret.hash, given)
    if (same && (secret.expiresAt === undefined || secret.expiresAt > now)) found = true
  }
  return found
}

/** SHA-256: enough for secrets of 256 random bits, and a password hash would cost every request. */
export function hashSecret(secret: string): Buffer {
  return Buffer.from(hash('sha256', secret, 'binary'), 'latin1')
}

/**
 * A secret as it is kept and compared; none for undefined, null and the empty string.
 *
 * @throws ConfigurationError `clients.client_secret` for what no request can have as a secret
 */
export function secretsOf(secret: unknown): ClientSecret[] {
  if (secret === undefined || secret === null || secret === '') return []
  if (typeof secret !== 'string') {
    throw new ConfigurationError('clients.client_secret', 'client_secret must be a string.')
  }
  if (hasControlCharacter(secret)) {
    throw new ConfigurationError(
      'clients.client_secret',
      'client_secret has a control character, which no request may have: is there a line break at its end?',
    )
  }
  return [
    {
      hash: hashSecret(secret),
      // Asked only after failed attempts: clients that a function finds are made for each request.
      get weak() {
        return secret.length < 22 || secretStrength(new TextEncoder().encode(secret)) !== 'strong'
      },
    },
  ]
}

function stringsOf(list: unknown, refuse: () => never): string[] {
  if (!Array.isArray(list) || list.some((item) => typeof item !== 'string')) refuse()
  return [...new Set(list as string[])]
}

// Of other schemes than the web's (a browser extension's, an app shell's) `URL` knows no origin.
function isOrigin(text: string): boolean {
  if (/^https?:/i.test(text)) return URL.canParse(text) && new URL(text).origin === text
  return /^[a-z][a-z\d+.-]*:\/\/[\w.-]+(:\d+)?$/.test(text)
}
