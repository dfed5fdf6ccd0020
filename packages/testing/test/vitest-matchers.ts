// Compiled and not run: what docs/testing.md says for Vitest in TypeScript.
import { matchers } from '@oauth-ratchet/testing'
import type { SessionMatchers } from '@oauth-ratchet/testing'
import { expect } from 'vitest'

declare module 'vitest' {
  interface Matchers extends SessionMatchers {}
}

expect.extend(matchers)

export const signedIn = (tokens: string): Promise<void> => expect(tokens).toBeSignedIn()
