import type { DemoChannel } from './demo-channel.js'
import { mergeEvents } from './demo-event.js'
import type { DemoEvent, Happening } from './demo-event.js'

const entry = 'oauth-ratchet-demo:events'

/** What happened, in every tab of the demo: each adds what it sees, and all of them end with the same log. */
export interface EventLog {
  readonly events: () => readonly DemoEvent[]
  /**
   * @param about.grant default: that of the newest event
   * @param about.id the same for what must be there once only
   */
  readonly add: (happening: Happening, about?: { readonly grant?: string; readonly id?: string }) => void
}

export function eventLog(tab: number, channel: DemoChannel, onChange: () => void): EventLog {
  let events = stored()

  function merge(more: readonly DemoEvent[]): void {
    // Another tab may have written since: what it wrote stays.
    events = mergeEvents(mergeEvents(stored(), events), more)
    localStorage.setItem(entry, JSON.stringify(events))
    onChange()
  }

  channel.hear((message) => {
    if (message.kind === 'events') merge(message.events)
  })
  return {
    events: () => events,
    add(happening, { grant = events.at(-1)?.grant ?? '', id = crypto.randomUUID() } = {}) {
      if (events.some((event) => event.id === id)) return
      // Never before what this tab knows already, also within one millisecond.
      const at = Math.max(Date.now(), (events.at(-1)?.at ?? 0) + 1)
      merge([{ ...happening, id, at, tab, grant }])
      channel.tell({ kind: 'events', events })
    },
  }
}

function stored(): readonly DemoEvent[] {
  try {
    const events: unknown = JSON.parse(localStorage.getItem(entry) ?? '[]')
    return Array.isArray(events) ? (events as DemoEvent[]) : []
  } catch {
    return []
  }
}
