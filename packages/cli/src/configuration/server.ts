import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

import { createAuthorizationServer } from '@oauth-ratchet/core'
import type {
  AuthorizationServer,
  AuthorizationServerOptions,
  ClientMetadata,
  Storage,
} from '@oauth-ratchet/core'

import type { Environment, ExitCode, Invocation } from '../command-line/command.js'
import { Failure, UsageError } from '../command-line/failure.js'
import { warningsDuring } from './warnings-during.js'
import { listen } from './listen.js'
import { loadConfiguration } from './load-configuration.js'
import { openStorage } from './open-storage.js'
import type { OpenedStorage } from './open-storage.js'
import { storageUrl } from './storage-url.js'

/** Runs work with the server that the configuration describes, and closes what was opened for it. */
export async function withServer(
  invocation: Invocation,
  work: (
    server: AuthorizationServer,
    origin: 'configuration' | 'environment',
    storage: Storage,
  ) => Promise<ExitCode>,
  opening: { readonly mayCreate?: boolean } = {},
): Promise<ExitCode> {
  const config = invocation.options.text('config')
  const { options, listeners } =
    config === undefined
      ? { options: fromEnvironment(invocation.environment), listeners: undefined }
      : await loadConfiguration(config)
  const opened = await storageOf(invocation, options.storage, opening)
  try {
    const make = () =>
      Promise.resolve(
        createAuthorizationServer({
          ...(options as AuthorizationServerOptions),
          storage: opened.storage,
          // Nothing is swept by a tool.
          sweepInterval: 0,
        }),
      )
    // Its warnings are in the service's own log, and `doctor` has them too.
    const { result: server } = await warningsDuring(make)
    // Thrown as well, so that it need not be written a second time.
    server.on('request.failed', () => {})
    const heard = listen(server, listeners)
    await server.ready()
    try {
      return await work(server, config === undefined ? 'environment' : 'configuration', opened.storage)
    } finally {
      await heard()
    }
  } finally {
    await opened.close()
  }
}

/** Runs work with the storage alone: no secret is needed. */
export async function withStorage(
  invocation: Invocation,
  work: (opened: OpenedStorage) => Promise<ExitCode>,
): Promise<ExitCode> {
  const config = invocation.options.text('config')
  const configured = config === undefined ? undefined : (await loadConfiguration(config)).options.storage
  const opened = await storageOf(invocation, configured, {})
  try {
    return await work(opened)
  } finally {
    await opened.close()
  }
}

async function storageOf(
  { options, environment }: Invocation,
  configured: Storage | undefined,
  opening: { readonly mayCreate?: boolean },
): Promise<OpenedStorage> {
  const given = options.text('storage')
  if (given !== undefined) {
    return openStorage(storageUrl(given, environment, '--storage'), { ...opening, named: '--storage' })
  }
  if (configured !== undefined) {
    if (typeof (configured as Partial<Storage>).init !== 'function') {
      throw new Failure('storage in the configuration is no storage.')
    }
    await configured.init()
    return { storage: configured, place: 'the storage of the configuration', close: () => configured.close() }
  }
  const url = set(environment, 'STORAGE_URL')
  if (url !== undefined) return openStorage(url, { ...opening, named: 'STORAGE_URL' })
  throw new UsageError('Say where the storage is: --config <file>, --storage <url> or STORAGE_URL.')
}

function fromEnvironment(environment: Environment): Partial<AuthorizationServerOptions> {
  const issuer = set(environment, 'ISSUER')
  if (issuer === undefined) {
    throw new UsageError('ISSUER is not set: it must be the issuer of the server. Or give --config <file>.')
  }
  return { issuer, secrets: secretsFrom(environment), clients: clientsFrom(environment) }
}

/** @throws UsageError when there are none */
export function secretsFrom(environment: Environment): readonly string[] {
  const secrets = set(environment, 'OAUTH_SECRETS')
  if (secrets === undefined) {
    throw new UsageError('OAUTH_SECRETS is not set: it must hold the secrets of the server, comma-separated.')
  }
  return secrets.split(',').map((secret) => secret.trim())
}

function clientsFrom(environment: Environment): readonly ClientMetadata[] {
  const file = set(environment, 'CLIENTS_FILE')
  return file === undefined ? [] : readClients(file, 'CLIENTS_FILE')
}

/** @throws Failure for a file that holds no JSON array of objects */
export function readClients(file: string, named: string): readonly ClientMetadata[] {
  const path = resolve(file)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    throw new Failure(`${named}: ${path} cannot be read.`)
  }
  return parseClients(text, `${named}: ${path}`)
}

/** @throws Failure for what is no JSON array of objects */
export function parseClients(text: string, named: string): readonly ClientMetadata[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    // Without what the parser quotes of it, which may be a secret.
    throw new Failure(`${named} holds no JSON.`)
  }
  if (Array.isArray(parsed) && parsed.every((each) => typeof each === 'object' && each !== null)) {
    return parsed as readonly ClientMetadata[]
  }
  throw new Failure(`${named} must hold a JSON array of client metadata (RFC 7591).`)
}

/** A variable that is empty counts as not set. */
export function set(environment: Environment, name: string): string | undefined {
  const value = environment[name]?.trim()
  return value === '' ? undefined : value
}
