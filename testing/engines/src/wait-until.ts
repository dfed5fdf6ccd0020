import { setTimeout as delay } from 'node:timers/promises'

export interface WaitOptions {
  /** Default: 15 seconds. */
  readonly timeoutMs?: number
  /** Default: 20 milliseconds. */
  readonly everyMs?: number
}

/** Looks again and again until `condition` holds; one that throws does not hold yet. */
export async function waitUntil(
  what: string,
  condition: () => boolean | Promise<boolean>,
  { timeoutMs = 15_000, everyMs = 20 }: WaitOptions = {},
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  let last = ''
  for (;;) {
    try {
      if (await condition()) return
      last = ''
    } catch (error) {
      last = `: ${String(error)}`
    }
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain until ${what}${last}`)
    await delay(everyMs)
  }
}
