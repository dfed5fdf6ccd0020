import { reusedIn } from './chain.js'
import type { Chain } from './chain.js'
import type { DemoEvent } from './demo-event.js'

/** What a visitor should know of the state that they brought about. */
export interface Verdict {
  readonly wrong: boolean
  readonly title: string
  readonly text: string
}

/** After one of these the notice of what was done before is out of date. */
const deeds: readonly DemoEvent['kind'][] = ['turned', 'repeated', 'offline', 'stolen']

export function verdictOn(chain: Chain, events: readonly DemoEvent[]): Verdict | undefined {
  const { links, end } = chain
  switch (end) {
    case 'reuse': {
      const isNoticed = events.some(({ kind }) => kind === 'signed-out')
      return {
        wrong: true,
        title: `${isNoticed ? 'Signed out in every tab' : 'Detected'}: generation ${reusedIn(chain)} was used twice.`,
        text:
          'The server cannot know which of the two was the thief, so it ended the grant for both. The copy is worth ' +
          'nothing now, and neither is any token that came after it. The owner signs in again; the thief cannot.',
      }
    }
    case 'user':
      return {
        wrong: false,
        title: 'Signed out.',
        text: 'The refresh token was revoked at the server, and every tab knows.',
      }
    case 'refused':
      return {
        wrong: true,
        title: 'Signed out: the server has ended this grant.',
        text: 'It was revoked or has expired. The server does not say which.',
      }
    case undefined:
      break
  }
  if (links.at(-1)?.holder === 'thief') {
    return {
      wrong: true,
      title: 'The thief was faster, and has the newest token.',
      text: 'Not for long: the owner still has the one before. See what happens when the owner refreshes.',
    }
  }
  if (events.findLast(({ kind }) => deeds.includes(kind))?.kind === 'repeated') {
    return {
      wrong: false,
      title: 'An answer was lost, and nobody was signed out.',
      text: 'The page sent the spent token again with the same Idempotency-Key. That is a repetition and no theft, so the server gave the same next token again.',
    }
  }
  return undefined
}
