import { ConfigurationError } from '../faults/errors.js'
import type { ClientMembers, ClientMetadata } from '../options/client-metadata.js'
import { misspeltMember } from '../options/member-names.js'

// An object, so that the compiler reports a member that is missing here.
const ours: Record<keyof ClientMembers | 'client_id' | 'client_secret', true> = {
  client_id: true,
  client_secret: true,
  token_endpoint_auth_method: true,
  redirect_uris: true,
  grant_types: true,
  response_types: true,
  scope: true,
  client_name: true,
  client_uri: true,
  allowed_origins: true,
  may_introspect: true,
  grants_not_before: true,
  disabled: true,
  reuse_grace: true,
  reuse_observe_until: true,
  idle_lifetime: true,
  absolute_lifetime: true,
  offline_idle_lifetime: true,
  offline_absolute_lifetime: true,
  access_token_lifetime: true,
  max_grants_per_subject: true,
}

/** Members that IANA has registered and this server does not read. None of them is a misspelt one of ours. */
const registered = new Set(
  (
    'logo_uri contacts tos_uri policy_uri jwks_uri jwks software_id software_version software_statement ' +
    'client_id_issued_at client_secret_expires_at registration_access_token registration_client_uri application_type ' +
    'sector_identifier_uri subject_type default_max_age require_auth_time default_acr_values initiate_login_uri ' +
    'request_uris request_object_signing_alg token_endpoint_auth_signing_alg post_logout_redirect_uris response_modes ' +
    'authorization_details_types dpop_bound_access_tokens require_pushed_authorization_requests ' +
    'tls_client_certificate_bound_access_tokens'
  ).split(' '),
)

const aliases = {
  secret: 'client_secret',
  callbackurl: 'redirect_uris',
  callbackurls: 'redirect_uris',
  callbacks: 'redirect_uris',
  grants: 'grant_types',
  origins: 'allowed_origins',
  corsorigins: 'allowed_origins',
  authmethod: 'token_endpoint_auth_method',
}

/**
 * Checks what is refused where a client is configured, looked up or registered, but not where a stored one is read: a
 * stricter check must not take a client out of service that was stored before it.
 *
 * @param metadata all of it
 * @param offersPassword whether this server has a password grant; true where that is found out at the request
 * @param given the part that is new: only what it decides is checked
 * @throws ConfigurationError naming the client and the member that is wrong
 */
export function checkRegistration(
  metadata: ClientMetadata,
  offersPassword: boolean,
  given: Partial<ClientMetadata> = metadata,
): void {
  const wrong = (member: string, message: string): never => {
    throw new ConfigurationError(`clients.${member}`, `Client ${metadata.client_id}: ${member} ${message}`)
  }
  checkMemberNames(metadata.client_id, given)
  const { client_name: name, client_uri: homepage } = given
  if (typeof (name ?? '') !== 'string') wrong('client_name', 'must be a string.')
  if (typeof (homepage ?? '') !== 'string') wrong('client_uri', 'must be a string.')
  const isWhole = given === metadata
  const { grant_types: grantTypes = ['authorization_code'], redirect_uris: redirectUris } = metadata
  if (grantTypes.includes('password') && !offersPassword && (isWhole || 'grant_types' in given)) {
    wrong('grant_types', 'has password, which this server does not offer without authenticateUser.')
  }
  const isDecided = isWhole || 'redirect_uris' in given || 'grant_types' in given
  if (redirectUris === undefined && grantTypes.includes('authorization_code') && isDecided) {
    wrong(
      'redirect_uris',
      'is missing, and the authorization_code grant needs one. A client without that grant says so: ' +
        "grant_types: ['refresh_token'], for instance, or [] for one that only introspects.",
    )
  }
  const exact = 'it is compared as an exact string (RFC 9700 §2.1), so that * fits nothing. List each.'
  refuseWildcards(given.redirect_uris, (uri) => wrong('redirect_uris', `has ${uri}: ${exact}`))
  refuseWildcards(given.allowed_origins, (origin) => wrong('allowed_origins', `has ${origin}: ${exact}`))
}

/**
 * Refuses members that are misspelt ones of ours.
 *
 * @throws ConfigurationError `clients.unknown_member`
 */
export function checkMemberNames(clientId: string, given: Readonly<Record<string, unknown>>): void {
  // With a `#` a member has a language tag (RFC 7591 §2.2).
  const rest = Object.fromEntries(
    Object.entries(given).filter(([name]) => !registered.has(name) && !name.includes('#')),
  )
  const misspelt = misspeltMember(`Client ${clientId}`, rest, Object.keys(ours), aliases)
  if (misspelt !== undefined) throw new ConfigurationError('clients.unknown_member', misspelt)
}

function refuseWildcards(values: readonly string[] | undefined, refuse: (quoted: string) => never): void {
  for (const value of values ?? []) if (value.includes('*')) refuse(JSON.stringify(value))
}
