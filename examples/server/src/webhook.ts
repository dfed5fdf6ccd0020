import { createHmac, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { describeFault } from '@oauth-ratchet/core'
import type { AuthorizationServer, ServerEventName } from '@oauth-ratchet/core'
import type { Logger } from 'pino'

export interface WebhookOptions {
  /** Where events are posted to. */
  readonly url: string
  /** Signs what is posted, so that the receiver knows who sent it. */
  readonly secret: string
  readonly logger: Logger
  /** Events that wait at most; what comes beyond them is dropped, and logged. Default 1000. */
  readonly capacity?: number
  /** Times that one event is sent at most. Default 8, which with the waits between them is about a minute. */
  readonly attempts?: number
  /** Milliseconds for one answer. Default 5000. */
  readonly timeout?: number
  /** Waits `ms` milliseconds, or until the signal; for tests. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>
  /** The clock, in ms since the epoch; for tests. */
  readonly now?: () => number
}

interface Delivery {
  readonly id: string
  readonly name: string
  readonly body: string
}

/** Longest wait between two attempts. */
const longestWaitMs = 30_000

/**
 * Posts events as JSON, one after the other in their order, in the background: `send` never waits and never throws.
 *
 * A receiver that is down, slow (no answer within `timeout`), or answers 408, 429 or 5xx is asked again after 0.5, 1, 2 …
 * seconds, or after its `Retry-After`. Any other answer but 2xx, or a failure of the last attempt, gives the event up with
 * an error in the log. An event has the same `id` at each attempt, so that a receiver can skip what it has already.
 */
export class Webhook {
  readonly #options: Required<WebhookOptions>
  readonly #queue: Delivery[] = []
  readonly #stop = new AbortController()
  #working: Promise<void> | undefined
  #dropped = 0

  constructor(options: WebhookOptions) {
    this.#options = {
      capacity: 1000,
      attempts: 8,
      timeout: 5000,
      wait: (ms, signal) => sleep(ms, undefined, { signal }),
      now: Date.now,
      ...options,
    }
  }

  send(name: string, event: object): void {
    const { capacity, logger } = this.#options
    if (this.#stop.signal.aborted || this.#queue.length >= capacity) {
      // The first one is logged here, their number when there is room again: a full queue must not fill the log as well.
      if (this.#dropped++ === 0)
        logger.error({ event: name, waiting: this.#queue.length }, 'webhook full: events are dropped')
      return
    }
    const id = randomUUID()
    this.#queue.push({ id, name, body: JSON.stringify({ id, name, event }) })
    this.#working ??= this.#work()
  }

  /**
   * Sends what still waits, for at most `ms` milliseconds, and takes no more.
   *
   * @returns whether everything was sent; what was not is in the log
   */
  async drain(ms: number): Promise<boolean> {
    const giveUp = setTimeout(() => this.#stop.abort(), ms)
    await this.#working
    clearTimeout(giveUp)
    this.#stop.abort()
    const lost = this.#queue.length + this.#dropped
    if (lost > 0) this.#options.logger.error({ lost }, 'webhook: events were not sent before the end')
    return lost === 0
  }

  async #work(): Promise<void> {
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      const sent = await this.#deliver(next)
      if (!sent && this.#stop.signal.aborted) break
      this.#queue.shift()
      this.#reportDropped()
    }
    this.#working = undefined
  }

  #reportDropped(): void {
    if (this.#dropped === 0) return
    this.#options.logger.error(
      { dropped: this.#dropped },
      'webhook: there is room again; events were dropped',
    )
    this.#dropped = 0
  }

  async #deliver(delivery: Delivery): Promise<boolean> {
    const { attempts, logger, wait } = this.#options
    const { id, name } = delivery
    for (let attempt = 1; !this.#stop.signal.aborted; attempt++) {
      const { outcome, retryAfterMs = 0, why } = await this.#attempt(delivery)
      if (outcome === 'sent') return true
      if (outcome === 'refused' || attempt >= attempts) {
        logger.error({ id, event: name, attempts: attempt, why }, 'webhook: an event was given up')
        return false
      }
      // Not all processes at the same moment after an outage.
      const backoff = Math.min(longestWaitMs, 500 * 2 ** (attempt - 1)) * (0.75 + Math.random() / 4)
      await wait(Math.min(longestWaitMs, Math.max(backoff, retryAfterMs)), this.#stop.signal).catch(() => {})
    }
    return false
  }

  async #attempt({ id, body }: Delivery): Promise<{
    readonly outcome: 'sent' | 'again' | 'refused'
    readonly retryAfterMs?: number
    readonly why?: string
  }> {
    const { url, secret, timeout, now } = this.#options
    const time = Math.floor(now() / 1000)
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'webhook-id': id,
          'webhook-timestamp': String(time),
          'webhook-signature': `v1,${signatureOf(secret, id, time, body)}`,
        },
        body,
        // Elsewhere is not where the operator sent it.
        redirect: 'manual',
        signal: AbortSignal.any([AbortSignal.timeout(timeout), this.#stop.signal]),
      })
      await answer.body?.cancel()
      if (answer.ok) return { outcome: 'sent' }
      const again = answer.status >= 500 || answer.status === 429 || answer.status === 408
      const retryAfterMs = Number(answer.headers.get('retry-after') ?? 0) * 1000 || 0
      return { outcome: again ? 'again' : 'refused', retryAfterMs, why: `status ${answer.status}` }
    } catch (error) {
      return {
        outcome: 'again',
        why: error instanceof Error && error.name === 'TimeoutError' ? 'no answer in time' : 'not reached',
      }
    }
  }
}

/** HMAC-SHA256 over id, time and body, as the Standard Webhooks specification has it, in base64. */
export function signatureOf(secret: string, id: string, time: number, body: string): string {
  return createHmac('sha256', secret).update(`${id}.${time}.${body}`).digest('base64')
}

// Not `grant.turned` and `grant.repeated`: that would be a post for every refresh.
const posted = [
  'grant.issued',
  'grant.reuse_detected',
  'grant.revoked',
  'client.changed',
  'client.authentication_failed',
  'user.authentication_failed',
  'token.import_refused',
  'token.unknown_key',
] as const satisfies readonly ServerEventName[]

/** Has the webhook post what happens at a server. */
export function postEvents(server: AuthorizationServer, webhook: Webhook): void {
  for (const name of posted) server.on(name, (event) => webhook.send(name, event))
  // An error as it is has what a driver keeps on it, passwords among it.
  server.on('request.failed', ({ error, ...event }) =>
    webhook.send('request.failed', { ...event, error: describeFault(error) }),
  )
}
