import { createHash, generateKeyPairSync } from 'node:crypto'

import type { Jwk } from '@oauth-ratchet/core'

import type { Command, Invocation } from '../command-line/command.js'
import { UsageError } from '../command-line/failure.js'
import { loadConfiguration } from '../configuration/load-configuration.js'
import { set } from '../configuration/server.js'
import { nextList, stepOf } from './rotation.js'
import type { Step } from './rotation.js'

const keysNew: Command = {
  name: 'keys new',
  summary: 'Make a signing key for accessToken.signingKeys: a private ES256 JWK',
  details: 'What it prints is a secret. Its public half is published by the server (JWKS).',
  run: ({ output }) => {
    const key = newKey()
    output.result(key, () => JSON.stringify(key))
    return Promise.resolve(0)
  },
}

const advice: Readonly<Record<Step, string>> = {
  add: 'Deploy this list everywhere: the new key is last, and published. After 5 minutes, when caches of the JWKS have it: --step use.',
  use: 'Deploy this list everywhere: the new key is first, and signs.',
  drop: 'Deploy this list no sooner than one access-token lifetime after --step use: JWTs of the older keys are refused from then on.',
}

const keysRotate: Command = {
  name: 'keys rotate',
  summary: 'Print the next accessToken.signingKeys, step by step',
  details:
    'Reads the list from accessToken.signingKeys of the configuration, or from SIGNING_KEYS in the environment (a JSON ' +
    'array of private JWKs), and changes nothing. Three deployments: add, use, drop. What it prints is a secret.',
  uses: 'configuration',
  options: { step: { value: 'step', help: 'add (default), use or drop' } },
  run: async (invocation) => {
    const step = stepOf(invocation.options.text('step'))
    const keys = nextList(await presentKeys(invocation), step, newKey)
    invocation.output.result(keys, () => JSON.stringify(keys))
    invocation.output.note(advice[step])
    return 0
  },
}

async function presentKeys({ options, environment }: Invocation): Promise<readonly Jwk[]> {
  const config = options.text('config')
  if (config !== undefined) return (await loadConfiguration(config)).options.accessToken?.signingKeys ?? []
  const text = set(environment, 'SIGNING_KEYS')
  if (text === undefined) throw new UsageError('SIGNING_KEYS is not set; or give --config <file>.')
  try {
    const keys: unknown = JSON.parse(text)
    if (Array.isArray(keys)) return keys as readonly Jwk[]
  } catch {
    // What the parser says quotes the keys.
  }
  throw new UsageError('SIGNING_KEYS must be a JSON array of private JWKs.')
}

function newKey(): Jwk {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { kty, crv, x, y, d } = privateKey.export({ format: 'jwk' }) as Required<
    Pick<Jwk, 'kty' | 'crv' | 'x' | 'y' | 'd'>
  >
  // The thumbprint (RFC 7638): the members that the key type requires, in the order of their names.
  const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
  return { kty, crv, kid, alg: 'ES256', use: 'sig', x, y, d }
}

export const keyCommands: readonly Command[] = [keysNew, keysRotate]
