import type { AuthorizationServer } from '@oauth-ratchet/core'
import { AssertionError } from 'node:assert'
import { isGood } from './is-good.js'
import type { Tokens } from './is-good.js'
import { endedWanted, signedInWanted } from './matchers.js'

/**
 * For Node's test runner and any other: asserts that one of the tokens is good.
 *
 * @throws AssertionError (rejects)
 */
export async function assertSignedIn(received: Tokens, server?: AuthorizationServer): Promise<void> {
  if (!(await isGood(received, server))) throw failed(signedInWanted, assertSignedIn)
}

/**
 * Asserts that none of the tokens is good any more.
 *
 * @throws AssertionError (rejects)
 */
export async function assertEnded(received: Tokens, server?: AuthorizationServer): Promise<void> {
  if (await isGood(received, server)) throw failed(endedWanted, assertEnded)
}

function failed(message: string, stackStartFn: (...parameters: never[]) => unknown): AssertionError {
  return new AssertionError({ message, stackStartFn })
}
