import { createClient } from '@oauth-ratchet/client'
import type { Client, ClientOptions, Lock, Store } from '@oauth-ratchet/client'

/** What tabs of one browser share. */
export interface Browser {
  readonly lock: Lock
  readonly store: Store
}

/** A `localStorage` of one entry, and a lock as Web Locks are: first come, first served. */
export function browser(): Browser {
  return { store: textStore(), lock: queueLock() }
}

export function textStore(initial?: string | null): Store & { value: string | undefined } {
  return {
    value: initial ?? undefined,
    get() {
      return this.value
    },
    set(value) {
      this.value = value
    },
    remove() {
      this.value = undefined
    },
  }
}

export function queueLock(): Lock {
  let last: Promise<void> = Promise.resolve()
  return {
    async acquire() {
      const before = last
      let release: (() => void) | undefined
      last = new Promise((resolve) => {
        release = resolve
      })
      await before
      return () => release?.()
    },
  }
}

const opened: Client[] = []

/** A tab: a client, and what it has raised. */
export function openTab(options: Partial<ClientOptions> & Pick<ClientOptions, 'issuer'>) {
  const client = createClient({ clientId: 'app', resources: [options.issuer], ...options })
  opened.push(client)
  const events: string[] = []
  for (const name of ['refreshed', 'adopted', 'retrying', 'signed-out'] as const) {
    client.on(name, (event) => {
      const { reason, from } = event as { reason?: string; from?: string }
      events.push([name, reason ?? from].filter(Boolean).join(' '))
    })
  }
  return { client, events }
}

export function closeTabs(): void {
  for (const client of opened.splice(0)) client.close()
}
