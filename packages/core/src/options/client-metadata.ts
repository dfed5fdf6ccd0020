/** The grant types that this server has. A client with any other is refused. */
export type GrantType =
  | 'authorization_code'
  | 'refresh_token'
  | 'client_credentials'
  /** Only with `authenticateUser`. */
  | 'password'
  // Lists that TypeScript takes for lists of strings are accepted, and checked when the server is made.
  | (string & Record<never, never>)

/** What client metadata has beside the client's id and secret. */
export interface ClientMembers {
  /** Default `client_secret_basic`. A client with a secret may use `client_secret_basic` or `client_secret_post`. */
  readonly token_endpoint_auth_method?: 'none' | 'client_secret_basic' | 'client_secret_post' | undefined
  /**
   * Compared as exact strings; only the port of a loopback IP address may vary. Required for the authorization code
   * grant.
   */
  readonly redirect_uris?: readonly string[] | undefined
  /** Default `['authorization_code']`. Refresh tokens are given to clients whose list has `refresh_token`. */
  readonly grant_types?: readonly GrantType[] | undefined
  /** Default `['code']`. */
  readonly response_types?: readonly ('code' | (string & Record<never, never>))[] | undefined
  /** Space-separated: all that the client may ask for, and what it gets when it asks for nothing. Default: none. */
  readonly scope?: string | undefined
  readonly client_name?: string | undefined
  readonly client_uri?: string | undefined
  /** Origins whose pages may read token responses, beside the origins of the redirect URIs. */
  readonly allowed_origins?: readonly string[] | undefined
  /** `own` (default): tokens issued to this client. `any`: every access token; for resource servers. */
  readonly may_introspect?: 'own' | 'any' | undefined
  /** Seconds since the epoch: grants made before it are over. */
  readonly grants_not_before?: number | undefined
  /** True: the client is refused and its tokens are inactive, until it is put back. */
  readonly disabled?: boolean | undefined
  /** Over the server's `refreshToken.reuseGrace`: seconds, 0 to 300. */
  readonly reuse_grace?: number | undefined
  /**
   * Seconds since the epoch, at most 90 days ahead: until then reuse of its refresh tokens is reported and ends no grant.
   * A thief who came first stays in as long: see `refreshToken.observeReuse`.
   */
  readonly reuse_observe_until?: number | undefined
  /**
   * Over the server's `refreshToken.idleLifetime`: seconds, capped at the absolute limit. A shorter one reaches older grants
   * at their next refresh.
   */
  readonly idle_lifetime?: number | undefined
  /** Seconds, counted from consent; capped at the server's `refreshToken.absoluteLifetime`. Reaches older grants too. */
  readonly absolute_lifetime?: number | undefined
  /**
   * The same two of grants with the scope `offline_access`, over the server's `refreshToken.offline` and within its absolute
   * limit. Where they are left out, the client's `idle_lifetime` and `absolute_lifetime` hold for these grants too.
   */
  readonly offline_idle_lifetime?: number | undefined
  readonly offline_absolute_lifetime?: number | undefined
  /** Over the server's `refreshToken.maxPerSubjectAndClient`: a whole number from 1 to 100,000. */
  readonly max_grants_per_subject?: number | undefined
  /** Over the server's `accessToken.lifetime`: seconds, 1 to 86,400. A token never outlives its grant. */
  readonly access_token_lifetime?: number | undefined
}

/**
 * A client in the metadata names of RFC 7591, and a few of ours. Other members are kept and ignored, but for one whose
 * name is near a known one that is missing (`redirectUris`, `scopes`), which is refused as misspelt.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7591#section-2
 */
export interface ClientMetadata extends ClientMembers {
  readonly client_id: string
  /** For confidential clients. Kept as SHA-256 only; give it 256 random bits, for it is checked without delay. */
  readonly client_secret?: string | undefined
  readonly [member: string]: unknown
}
