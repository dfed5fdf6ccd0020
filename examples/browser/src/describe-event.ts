import { nameOf, reusedIn } from './chain.js'
import type { Chain } from './chain.js'
import type { DemoEvent } from './demo-event.js'

/** An event in one sentence. What ended a session is seen in its chain: the server does not say. */
export function describeEvent(event: DemoEvent, chain: Chain): string {
  switch (event.kind) {
    case 'begun':
      return 'Signed in. The code was exchanged for generation 1.'
    case 'found':
      return `This browser is still signed in, with generation ${event.generation}.`
    case 'turned':
      return describeTurn(event)
    case 'repeated':
      return `Sent generation ${event.from} again with the same Idempotency-Key. The server gave generation ${event.from + 1} again: repeated, and nobody is signed out.`
    case 'refused':
      return event.by === 'thief'
        ? `The thief sent generation ${event.from}: invalid_grant. The server has ended the grant.`
        : `${nameOf(event.from)} was refused: invalid_grant.`
    case 'adopted':
      return `Took over generation ${event.generation} from another tab, without a refresh of its own.`
    case 'stolen':
      return `The thief copied generation ${event.generation} out of localStorage.`
    case 'together':
      return `Asked all tabs to refresh generation ${event.generation} at once.`
    case 'retrying':
      return `No answer. Trying again in ${(event.delayMs / 1000).toFixed(1)} s, with the same token and the same key.`
    case 'gave-up':
      return 'No network. The session is kept, and goes on when the network is back.'
    case 'offline':
      return 'Went offline.'
    case 'online':
      return 'Came back online.'
    case 'called':
      return `${event.request}: ${event.status}`
    case 'signed-out':
      return describeEnd(event.reason, reusedIn(chain))
  }
}

function describeEnd(reason: string, reused: number | undefined): string {
  if (reason === 'user') return 'Signed out by the user.'
  if (reused !== undefined)
    return `Signed out: generation ${reused} was used twice, so the server ended the session.`
  return `Signed out: the ${reason === 'expired' ? 'session has expired' : 'server has ended the session'}.`
}

function describeTurn({ from, by, lost = false }: Extract<DemoEvent, { kind: 'turned' }>): string {
  const turn = `generation ${from} for generation ${from + 1}`
  if (by === 'thief') return `The thief was faster, and exchanged ${turn}.`
  return lost
    ? `The server exchanged ${turn}, but the answer was lost on the way.`
    : `Refreshed: exchanged ${turn}.`
}
