import type { StormServer } from './storm-server.js'
import type { StormTab } from './storm-session.js'

export interface StormPart {
  readonly name: string
  readonly tabs: number
  /** What happens after all access tokens have expired: the status of each API request. */
  readonly round: (tabs: readonly StormTab[], server: StormServer) => Promise<number[]>
}

/** What a session goes through. */
export const STORM_PARTS: readonly StormPart[] = [
  { name: '20 parallel calls in one tab', tabs: 1, round: ([tab]) => askIn(tab, 20) },
  {
    name: '8 tabs, a call in each at once',
    tabs: 8,
    round: async (tabs) => (await Promise.all(tabs.map((tab) => askIn(tab, 1)))).flat(),
  },
  {
    name: "the refresh's answer is lost; the user tries again",
    tabs: 1,
    async round([tab], server) {
      server.loseNextAnswer()
      const first = await askIn(tab, 1)
      server.calm()
      return [...first, ...(await askIn(tab, 1))]
    },
  },
]

async function askIn(tab: StormTab | undefined, count: number): Promise<number[]> {
  return tab === undefined ? [] : tab.askAtOnce(count)
}
