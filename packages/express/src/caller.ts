import type { Caller } from '@oauth-ratchet/http/adapter'

/** What the errors of this package speak of. */
export const expressCaller: Caller = { codes: 'express', maker: 'oauthRouter' }
