import { readFileSync } from 'node:fs'
import type { ClientMetadata } from '@oauth-ratchet/core'
import { codeOf } from './secrets-file.js'
import { SettingError } from './setting-error.js'

/**
 * The clients of `CLIENTS_FILE`: a JSON array of RFC 7591 client metadata. What the members may be, the authorization
 * server checks.
 *
 * @throws SettingError that quotes nothing of the file, which has secrets in it
 */
export function readClientsFile(file: string): readonly ClientMetadata[] {
  const clients = parse(file, read(file))
  if (!Array.isArray(clients)) {
    throw new SettingError(`CLIENTS_FILE ${file} must hold a JSON array of client metadata.`)
  }
  for (const [index, client] of clients.entries()) {
    if (typeof client !== 'object' || client === null || Array.isArray(client)) {
      throw new SettingError(`CLIENTS_FILE ${file}: entry ${index + 1} must be an object.`)
    }
  }
  return clients as readonly ClientMetadata[]
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new SettingError(`CLIENTS_FILE ${file} cannot be read: ${codeOf(error)}.`)
  }
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1]
    const line = position === undefined ? '' : ` (line ${text.slice(0, Number(position)).split('\n').length})`
    throw new SettingError(`CLIENTS_FILE ${file} is not valid JSON${line}.`)
  }
}
