import type { ForeignSession, ImportTokenOptions } from '@oauth-ratchet/core'
import type { RatchetModel, RatchetOptions } from './options.js'

/**
 * `refreshToken.importToken` over the model's `getRefreshToken`.
 *
 * @throws TypeError for a model that cannot find refresh tokens
 */
export function importFrom(model: RatchetModel, options: RatchetOptions): ImportTokenOptions | undefined {
  const { importToken, subjectOf } = options
  if (importToken === undefined) return undefined
  if (typeof model.getRefreshToken !== 'function')
    throw new TypeError('addRatchet: importToken needs a model with getRefreshToken.')
  return {
    clients: importToken.clients,
    until: importToken.until,
    find: async (text, clientId): Promise<ForeignSession | undefined> => {
      const token = await model.getRefreshToken?.(text)
      // The library compares the client too (RFC 6749 §6).
      if (!token || token.client.id !== clientId) return undefined
      return {
        subject: subjectOf(token.user),
        // None where the model keeps none: left out it would be all.
        scope: token.scope ?? '',
        // The library takes one without an expiry for one that never expires.
        expiresAt: token.refreshTokenExpiresAt ?? new Date(8.64e15),
      }
    },
  }
}
