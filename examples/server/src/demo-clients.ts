import type { ClientMetadata } from '@oauth-ratchet/core'
import { randomSecret, readOrMake } from './secrets-file.js'
import { SettingError } from './setting-error.js'

const confidential = ['web', 'service', 'trusted', 'api'] as const

/** The client of the page `/demo/`. */
export const demoClientId = 'demo'

export type DemoSecrets = Readonly<Record<(typeof confidential)[number], string>>

/** The secrets of the demo clients, made once and kept in the file, so that a restart does not change them. */
export function demoSecrets(file: string): DemoSecrets {
  const secrets = parse(readOrMake(file, newSecrets))
  if (!isComplete(secrets)) {
    throw new SettingError(`${file} is damaged: remove it, and new secrets of the demo clients are made.`)
  }
  return secrets
}

function newSecrets(): string {
  const secrets = Object.fromEntries(confidential.map((id) => [id, randomSecret()]))
  return `${JSON.stringify(secrets, null, 2)}\n`
}

/** @param issuer whose page `/callback` shows the code that comes back */
export function demoClients(issuer: string, secrets: DemoSecrets): readonly ClientMetadata[] {
  // On a loopback address any port fits, so that a program of the reader's own can use these clients too.
  const callbacks = [...new Set([callbackOf(issuer), 'http://127.0.0.1/callback', 'http://[::1]/callback'])]
  const notes = 'notes:read notes:write'
  return [
    {
      client_id: 'spa',
      client_name: 'Notes in the browser',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: callbacks,
      scope: `${notes} offline_access`,
    },
    {
      client_id: demoClientId,
      client_name: 'The demo of this server',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: [`${withoutSlash(issuer)}/demo/`],
      scope: notes,
      // The page shows what becomes of a token that comes back, whatever REUSE_GRACE says.
      reuse_grace: 0,
    },
    {
      client_id: 'account',
      client_name: 'Your account',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: callbacks,
      // No other client has this scope: whoever has it can sign its user out everywhere.
      scope: 'sessions',
    },
    {
      client_id: 'web',
      client_name: 'Notes on a web server',
      client_secret: secrets.web,
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: callbacks,
      scope: `${notes} offline_access`,
    },
    {
      client_id: 'service',
      client_name: 'A program without users',
      client_secret: secrets.service,
      grant_types: ['client_credentials'],
      scope: notes,
    },
    {
      client_id: 'trusted',
      client_name: 'A client that users give their password to',
      client_secret: secrets.trusted,
      grant_types: ['password', 'refresh_token'],
      scope: `${notes} offline_access`,
    },
    {
      client_id: 'api',
      client_name: 'An API that asks about tokens',
      client_secret: secrets.api,
      grant_types: [],
      may_introspect: 'any',
    },
  ]
}

/** The page of the example that a browser comes back to with a code. */
export function callbackOf(issuer: string): string {
  return `${withoutSlash(issuer)}/callback`
}

function withoutSlash(issuer: string): string {
  return issuer.replace(/\/$/, '')
}

function parse(content: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    return undefined
  }
}

function isComplete(secrets: unknown): secrets is DemoSecrets {
  if (typeof secrets !== 'object' || secrets === null) return false
  const entries = new Map(Object.entries(secrets))
  return confidential.every(
    (id) => typeof entries.get(id) === 'string' && String(entries.get(id)).length >= 32,
  )
}
