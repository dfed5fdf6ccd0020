import type { ChildProcess } from 'node:child_process'
// Without `.js`: Jest transforms this file and what it imports, but maps no names here.
import { startKeeper } from './keeper-process'

declare global {
  var oauthRatchetKeeper: ChildProcess | undefined
}

/** Jest's `globalSetup`: one keeper for the whole run. No engine is started before a test asks for it. */
// oxlint-disable-next-line import/no-default-export -- Jest takes the default export
export default function globalSetup(): void {
  globalThis.oauthRatchetKeeper = startKeeper()
}
