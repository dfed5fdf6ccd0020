import { resolve } from 'node:path'
import { MemoryStorage } from '@oauth-ratchet/core'
import type { Storage } from '@oauth-ratchet/core'
import { SqliteStorage } from '@oauth-ratchet/sqlite'
import { SettingError } from './setting-error.js'

/** A storage, and where it keeps things in words for the start output: never with a password. */
export interface OpenedStorage {
  readonly storage: Storage
  readonly place: string
}

type Opener = (rest: string, baseFolder: string) => OpenedStorage

/** By the scheme of `STORAGE_URL`; what follows the colon is handed on. */
const openers: Readonly<Record<string, Opener>> = {
  memory: () => ({ storage: new MemoryStorage(), place: 'memory: everything ends with this process' }),
  sqlite: openSqlite,
  redis: notYet('redis'),
  rediss: notYet('rediss'),
  mongodb: notYet('mongodb'),
  'mongodb+srv': notYet('mongodb+srv'),
}

/** @throws SettingError for a URL that names no storage of this version */
export function openStorage(url: string, baseFolder: string): OpenedStorage {
  const [, scheme = '', rest = ''] = /^([a-z][a-z\d+.-]*):(.*)$/is.exec(url) ?? []
  const opener = Object.hasOwn(openers, scheme.toLowerCase()) ? openers[scheme.toLowerCase()] : undefined
  if (opener === undefined) {
    // Without the rest of the URL, which may hold a password.
    throw new SettingError('STORAGE_URL must be like sqlite:data/oauth.sqlite, or memory:')
  }
  return opener(rest, baseFolder)
}

function openSqlite(rest: string, baseFolder: string): OpenedStorage {
  const path = rest.replace(/^\/\/(?=\/)/, '')
  if (path === '' || path === ':memory:') {
    throw new SettingError(
      'STORAGE_URL names no file after sqlite: and must be like sqlite:data/oauth.sqlite',
    )
  }
  const file = resolve(baseFolder, path)
  return { storage: new SqliteStorage({ file }), place: file }
}

function notYet(scheme: string): Opener {
  return () => {
    throw new SettingError(
      `STORAGE_URL begins with ${scheme}:, which is not in this version yet: use sqlite: or memory:`,
    )
  }
}
