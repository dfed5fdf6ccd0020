import type { EventLog } from './event-log.js'
import { findRefreshToken, readToken } from './token-reading.js'
import type { TokenReading } from './token-reading.js'

/** Somebody who ran a script in the page once, and now has a copy of its refresh token. */
export interface Thief {
  readonly loot: () => TokenReading | undefined
  readonly steal: () => void
  /** Sends the copy to the token endpoint, as anybody can from anywhere: without the owner's key. */
  readonly replay: () => Promise<'got tokens' | 'refused'>
}

export function thief(tokenEndpoint: string, clientId: string, log: EventLog): Thief {
  let token: string | undefined
  const loot = () => (token === undefined ? undefined : readToken(token))
  return {
    loot,
    steal() {
      token = findRefreshToken(localStorage)
      const reading = loot()
      if (reading === undefined) return
      log.add({ kind: 'stolen', generation: reading.generation }, { grant: reading.grant })
    },
    async replay() {
      const { grant, generation: from } = loot() ?? { grant: '', generation: 0 }
      const body = new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: token ?? '',
        client_id: clientId,
      })
      const response = await fetch(tokenEndpoint, { method: 'POST', body })
      if (!response.ok) {
        log.add({ kind: 'refused', from, by: 'thief' }, { grant })
        return 'refused'
      }
      const { expires_in: seconds } = (await response.json()) as { expires_in: number }
      const expiresAt = Date.now() + seconds * 1000
      log.add({ kind: 'turned', from, by: 'thief', expiresAt }, { grant })
      return 'got tokens'
    },
  }
}
