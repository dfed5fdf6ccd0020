import type { StormClient, StormClientOptions, StormPage } from './storm-client.js'

/** The program of a page in the storm: one client library, its `clientId` from the page's URL. */
export function stormPage(setUp: (options: StormClientOptions) => StormClient): void {
  const clientId = new URLSearchParams(location.search).get('client_id') ?? ''
  const { signIn, ask } = setUp({ origin: location.origin, clientId })
  const page: StormPage = {
    signIn,
    askAtOnce: (count) => Promise.all(Array.from({ length: count }, () => ask().catch(() => 0))),
  }
  Object.assign(globalThis, { storm: page })
}
