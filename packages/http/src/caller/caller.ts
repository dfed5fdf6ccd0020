import { ConfigurationError } from '@oauth-ratchet/core'

/** The package that an app has called: its errors and warnings speak of what the app has written. */
export interface Caller {
  /** What the codes of its errors begin with. */
  readonly codes: 'http' | 'express'
  /** The function that has made the endpoints. */
  readonly maker:
    'adminHandler' | 'adminRouter' | 'oauthHandler' | 'oauthRouter' | 'sessionsHandler' | 'sessionsRouter'
}

export const httpCaller: Caller = { codes: 'http', maker: 'oauthHandler' }

/** @param code of the caller's, without its beginning */
export function misuse({ codes }: Caller, code: string, message: string): ConfigurationError {
  return new ConfigurationError(`${codes}.${code}`, message)
}
