// Without `.js`: Jest transforms this file and what it imports, but maps no names here.
import { endKeeper } from './keeper-process'

/** Jest's `globalTeardown`: the engines are stopped, and the keeper's last words name the tests that were not run. */
// oxlint-disable-next-line import/no-default-export -- Jest takes the default export
export default async function globalTeardown(): Promise<void> {
  const keeper = globalThis.oauthRatchetKeeper
  if (keeper) await endKeeper(keeper)
}
