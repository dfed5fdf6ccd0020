import type { AccessTokens } from './access-tokens/access-tokens.js'
import type { ClientAuthentication } from './clients/authentication.js'
import type { ClientDirectory } from './clients/directory.js'
import type { Events } from './events.js'
import type { ForeignTokens } from './grants/foreign-tokens.js'
import type { GrantIssuer } from './grants/grant-issuer.js'
import type { Instruments } from './instrumentation.js'
import type { Maintenance } from './maintenance.js'
import type { AuthorizationServerOptions } from './options/options.js'
import type { Settings } from './options/settings.js'
import type { Ratchet } from './ratchet/ratchet.js'
import type { Revoker } from './ratchet/revoker.js'
import type { KeyRing } from './ratchet/secrets.js'
import type { Storage } from './storage/storage.js'
import type { Throttle } from './throttle.js'

/** What one authorization server is made of; endpoints and grant types are functions of it. */
export interface ServerParts {
  readonly settings: Settings
  readonly callbacks: Pick<AuthorizationServerOptions, 'authenticateUser' | 'isSubjectActive'>
  readonly ring: KeyRing
  readonly events: Events
  readonly instruments: Instruments
  /** Guarded: initialised, bounded in time. */
  readonly storage: Storage
  readonly clients: ClientDirectory
  /** Ids of the clients whose refresh token is in a cookie, which all tabs of a browser share. */
  readonly cookieClients: Set<string>
  readonly authentication: ClientAuthentication
  readonly ratchet: Ratchet
  readonly revoker: Revoker
  readonly accessTokens: AccessTokens
  readonly issuer: GrantIssuer
  /** Undefined: none are imported. */
  readonly foreignTokens: ForeignTokens | undefined
  readonly maintenance: Maintenance
  /** For passwords at the token endpoint. */
  readonly passwordThrottle: Throttle | undefined
}
