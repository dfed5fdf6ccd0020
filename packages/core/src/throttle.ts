import { OAuthError } from './faults/errors.js'

/** Keys below their limit that are remembered at most, and as many over it: guessing under many names costs no memory. */
const capacity = 10_000

/** The limit of an address in limits of a name: an office behind one address has a few people who mistype. */
const namesPerAddress = 10

export interface ThrottleOptions {
  /** Failures of one name at one address within the window before the answer is a 429; of an address ten times as many. */
  readonly attempts: number
  /** Milliseconds, from the first of the failures. */
  readonly windowMs: number
  readonly now: () => number
}

/**
 * Counts failed attempts per name and address, and per address, in this process. What succeeds is never counted and
 * costs nothing. With n processes a guesser has n times the attempts: the limit slows guessing, and the entropy of the
 * secret stops it.
 *
 * Spellings of a name that an app may take for one (case, width, accents, spaces around it, invisible characters) are one
 * name. Of an IPv6 address only the network half counts: whoever has one address has all of its /64. Without an address
 * there is no limit per address.
 */
export class Throttle {
  readonly #options: ThrottleOptions
  readonly #names: FailureCounts
  readonly #addresses: FailureCounts

  constructor(options: ThrottleOptions) {
    this.#options = options
    this.#names = new FailureCounts(options.attempts, options)
    this.#addresses = new FailureCounts(options.attempts * namesPerAddress, options)
  }

  /** Counts a failure; true if name or address had used up its attempts before it, which is then not counted. */
  fail(name: string, address: string | undefined): boolean {
    if (this.isOver(name, address)) return true
    this.#names.add(nameKey(name, address))
    if (address !== undefined) this.#addresses.add(networkOf(address))
    return false
  }

  /** Whether the name at this address, or the address, has used up its attempts. Counts nothing. */
  isOver(name: string, address: string | undefined): boolean {
    return this.#overUntil(name, address) !== undefined
  }

  /** The 429 for an attempt that is over a limit. */
  error(name: string, address: string | undefined): OAuthError {
    const left = (this.#overUntil(name, address) ?? 0) - this.#options.now()
    const retryAfter = Math.max(1, Math.ceil(left / 1000))
    return new OAuthError('temporarily_unavailable', 'Too many failed attempts; try again later.', {
      status: 429,
      retryAfter,
    })
  }

  #overUntil(name: string, address: string | undefined): number | undefined {
    if (!this.#names.hasOver && !this.#addresses.hasOver) return undefined
    const ofName = this.#names.overUntil(nameKey(name, address))
    const ofAddress = address === undefined ? undefined : this.#addresses.overUntil(networkOf(address))
    return ofName === undefined ? ofAddress : Math.max(ofName, ofAddress ?? 0)
  }
}

interface Failures {
  count: number
  until: number
}

/**
 * Failures per key. What is over its limit is kept apart, so that no number of other keys pushes it out before its time:
 * only as many keys that are over theirs do.
 */
class FailureCounts {
  readonly #limit: number
  readonly #options: ThrottleOptions
  readonly #below = new Map<string, Failures>()
  readonly #over = new Map<string, Failures>()

  constructor(limit: number, options: ThrottleOptions) {
    this.#limit = limit
    this.#options = options
  }

  /** False: no key is over its limit, so that there is nothing to look for. */
  get hasOver(): boolean {
    return this.#over.size > 0
  }

  add(key: string): void {
    const failures = this.#find(this.#below, key) ?? {
      count: 0,
      until: this.#options.now() + this.#options.windowMs,
    }
    failures.count += 1
    // Deleted even if it is set again: the map's order is that of the latest failure.
    this.#below.delete(key)
    const place = failures.count >= this.#limit ? this.#over : this.#below
    place.set(key, failures)
    if (place.size <= capacity) return
    const [oldest] = place.keys()
    if (oldest !== undefined) place.delete(oldest)
  }

  /** When a key that is over its limit is free again, in ms since the epoch; undefined for others. */
  overUntil(key: string): number | undefined {
    return this.#find(this.#over, key)?.until
  }

  #find(place: Map<string, Failures>, key: string): Failures | undefined {
    const failures = place.get(key)
    if (failures === undefined) return undefined
    const now = this.#options.now()
    // Where the clock was put back, the window ends one window from now and not a day later.
    failures.until = Math.min(failures.until, now + this.#options.windowMs)
    if (failures.until > now) return failures
    place.delete(key)
    return undefined
  }
}

function nameKey(name: string, address: string | undefined): string {
  return `${address === undefined ? '' : networkOf(address)} ${spellingOf(name)}`
}

/**
 * One spelling for all that an app may take for the same name: compatibility forms, case, accents and invisible
 * characters are what databases and sign-in forms ignore. Where it takes too much for one, two names share a count.
 */
function spellingOf(name: string): string {
  return (
    name
      .trim()
      .slice(0, 255)
      .normalize('NFKD')
      .replaceAll(/[\p{M}\p{Cf}]/gu, '')
      .normalize('NFKC')
      .trim()
      // In this order it folds case: `ß` and `SS` become one, as final and other sigmas do.
      .toUpperCase()
      .toLowerCase()
      .slice(0, 255)
  )
}

function networkOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address
  const [head = '', tail] = address.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros =
    tail === undefined ? [] : Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0')
  return [...before, ...zeros, ...after].slice(0, 4).join(':')
}
