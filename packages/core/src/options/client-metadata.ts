/**
 * A client in the metadata names of RFC 7591, and a few of ours. Unknown members are kept and ignored.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7591#section-2
 */
export interface ClientMetadata {
  readonly client_id: string
  /** For confidential clients. Kept as SHA-256 only; give it 256 random bits, for it is checked without delay. */
  readonly client_secret?: string
  /** Default `client_secret_basic`. A client with a secret may use `client_secret_basic` or `client_secret_post`. */
  readonly token_endpoint_auth_method?: 'none' | 'client_secret_basic' | 'client_secret_post'
  /** Compared as exact strings; only the port of a loopback IP address may vary. */
  readonly redirect_uris?: readonly string[]
  /** Default `['authorization_code']`. Refresh tokens are given to clients whose list has `refresh_token`. */
  readonly grant_types?: readonly string[]
  /** Default `['code']`. */
  readonly response_types?: readonly string[]
  /** Space-separated: all that the client may ask for, and what it gets when it asks for nothing. Default: none. */
  readonly scope?: string
  readonly client_name?: string
  readonly client_uri?: string
  /** Origins whose pages may read token responses, beside the origins of the redirect URIs. */
  readonly allowed_origins?: readonly string[]
  /**
   * `own` (default): tokens issued to this client. `any`: every access token; for resource servers. A public client may
   * introspect nothing, whatever stands here: anybody can claim to be it (RFC 7662 §2.1).
   */
  readonly may_introspect?: 'own' | 'any'
  /** Seconds since the epoch: grants made before it are over. */
  readonly grants_not_before?: number
  /** True: the client is refused and its tokens are inactive, until it is put back. */
  readonly disabled?: boolean
  readonly [member: string]: unknown
}
