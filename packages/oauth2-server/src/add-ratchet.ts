import { createAuthorizationServer } from '@oauth-ratchet/core'
import type { AuthorizationServer } from '@oauth-ratchet/core'
import { clientsOf } from './clients-of.js'
import { importFrom } from './import-from.js'
import type { RatchetModel, RatchetOptions } from './options.js'
import { grantTypeOf } from './refresh-grant-type.js'
import type { GrantTypeClass } from './refresh-grant-type.js'
import { tokensOfOurs } from './tokens-of-ours.js'

/** What goes into `new OAuth2Server({ model, extendedGrantTypes })`, and the server behind it. */
export interface AddedRatchet<Model extends RatchetModel> {
  /**
   * The model with tokens of ours: `saveToken` issues them where the grant gives a refresh token, `getAccessToken`,
   * `getRefreshToken` and `revokeToken` know them. Everything else, and all tokens that are not ours, are the model's own.
   */
  readonly model: Model
  /** The grant type `refresh_token`, which turns the ratchet. For `extendedGrantTypes`. */
  readonly grantTypes: { readonly refresh_token: GrantTypeClass }
  /** For sessions, events and revocation: `server.grants`, `server.on`, `server.close()`. */
  readonly server: AuthorizationServer
}

/**
 * Adds refresh tokens that rotate to an app on `@node-oauth/oauth2-server` that keeps its model: its clients, users, codes and
 * passwords. One storage call per refresh, reuse detection and grace as in `@oauth-ratchet/core`.
 *
 * @throws ConfigurationError for an option of the server that cannot work
 */
export function addRatchet<Model extends RatchetModel>(
  model: Model,
  options: RatchetOptions,
): AddedRatchet<Model> {
  const { refreshToken } = options.server
  const importToken = importFrom(model, options)
  const server = createAuthorizationServer({
    ...options.server,
    clients: clientsOf(model, options.server.scopes),
    ...(importToken !== undefined && { refreshToken: { ...refreshToken, importToken } }),
  })
  return {
    server,
    model: withTokens(model, tokensOfOurs(server, model, options)),
    grantTypes: { refresh_token: grantTypeOf(server, options) },
  }
}

// A model may be an instance of a class, with methods that need their `this`: so it is not copied, and the methods that replace
// its own are looked up first.
function withTokens<Model extends RatchetModel>(model: Model, over: object): Model {
  return new Proxy(model, {
    get(target, name) {
      const owner = Object.hasOwn(over, name) ? over : target
      const value: unknown = Reflect.get(owner, name)
      return typeof value === 'function' && owner === target ? (value.bind(target) as unknown) : value
    },
    has: (target, name) => Object.hasOwn(over, name) || Reflect.has(target, name),
  })
}
