import { OAuthError } from './faults/errors.js'

/** Keys remembered at most; beyond, the oldest are forgotten, so that guessing under many names costs no memory. */
const capacity = 10_000

export interface ThrottleOptions {
  /** Failures within the window before the answer is a 429. */
  readonly attempts: number
  /** Milliseconds. */
  readonly windowMs: number
  readonly now: () => number
}

/**
 * Counts failed attempts per key, in this process. What succeeds is never counted and costs nothing. Behind
 * several processes a guesser has so many times the attempts: the limit slows guessing, and the entropy of the
 * secret stops it.
 */
export class Throttle {
  readonly #options: ThrottleOptions
  readonly #failures = new Map<string, { count: number; until: number }>()

  constructor(options: ThrottleOptions) {
    this.#options = options
  }

  /** Counts a failure; true if the key is now over its limit. */
  fail(key: string): boolean {
    const now = this.#options.now()
    const known = this.#failures.get(key)
    const entry =
      known !== undefined && known.until > now ? known : { count: 0, until: now + this.#options.windowMs }
    entry.count += 1
    // Set anew even if it was there: the map's order is that of the latest failure.
    this.#failures.delete(key)
    this.#failures.set(key, entry)
    if (this.#failures.size > capacity) {
      const [oldest] = this.#failures.keys()
      if (oldest !== undefined) this.#failures.delete(oldest)
    }
    return entry.count > this.#options.attempts
  }

  /** Whether the key has used up its attempts. Changes nothing. */
  isOver(key: string): boolean {
    const entry = this.#failures.get(key)
    return entry !== undefined && entry.until > this.#options.now() && entry.count >= this.#options.attempts
  }

  /** The 429 for a key that is over its limit. */
  error(key: string): OAuthError {
    const left = (this.#failures.get(key)?.until ?? 0) - this.#options.now()
    const retryAfter = Math.max(1, Math.ceil(left / 1000))
    return new OAuthError('temporarily_unavailable', 'Too many failed attempts; try again later.', {
      status: 429,
      retryAfter,
    })
  }
}

/**
 * The key of one name at one address. Of an IPv6 address only the network half counts: whoever has one address
 * has all of its /64.
 */
export function throttleKey(name: string, address: string | undefined): string {
  const network = address?.includes(':') && !address.includes('.') ? networkOf(address) : (address ?? '')
  return `${network} ${name.slice(0, 255)}`
}

function networkOf(address: string): string {
  const [head = '', tail] = address.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros =
    tail === undefined ? [] : Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0')
  return [...before, ...zeros, ...after].slice(0, 4).join(':')
}
