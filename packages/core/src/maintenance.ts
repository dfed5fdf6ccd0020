import { CallbackError, OAuthError } from './faults/errors.js'
import { checkCall } from './options/member-names.js'

const defaultRetryAfter = 30
const longestRetryAfter = 86_400

/**
 * `server.maintenance`: while it is on, what begins or turns a grant is answered 503 `temporarily_unavailable` with
 * `Retry-After`, before anything is read or consumed: the token endpoint, the authorization endpoint,
 * `server.tokens.refresh`, `server.grants.issue` and `update`; and so are changes of `server.clients`. Metadata, JWKS,
 * `requireToken`, introspection and everything that ends a grant or disables a client go on.
 *
 * The switch is that of this process; several share one by the option `maintenance`, which is asked too. A request that is under
 * way when it is switched on is carried out.
 */
export class Maintenance {
  readonly #shared: (() => boolean) | undefined
  #retryAfter: number | undefined

  /** @param shared the option `maintenance` */
  constructor(shared: (() => boolean) | undefined) {
    this.#shared = shared
  }

  /**
   * Switches it on; called again, it changes `retryAfter`.
   *
   * @param options.retryAfter seconds after which clients are to try again, 1 to 86,400. Default 30
   * @throws TypeError for an unknown option, RangeError for a `retryAfter` out of range
   */
  on(options: { readonly retryAfter?: number } = {}): void {
    checkCall('maintenance.on', options, { retryAfter: true })
    const { retryAfter = defaultRetryAfter } = options
    if (typeof retryAfter !== 'number' || !(retryAfter >= 1 && retryAfter <= longestRetryAfter)) {
      throw new RangeError(`maintenance.on: retryAfter must be seconds from 1 to ${longestRetryAfter}.`)
    }
    this.#retryAfter = Math.ceil(retryAfter)
  }

  /** Switches it off here. The option `maintenance` may still say that it is on. */
  off(): void {
    this.#retryAfter = undefined
  }

  /**
   * Whether it is on here, by the switch or by the option.
   *
   * @throws CallbackError when the option's function cannot say
   */
  get isOn(): boolean {
    return this.#retryAfter !== undefined || this.#isOnForAll()
  }

  /**
   * @throws OAuthError `temporarily_unavailable` (503) while it is on
   * @throws CallbackError when the option's function cannot say: a 503 too
   */
  assertOff(): void {
    if (!this.isOn) return
    throw new OAuthError('temporarily_unavailable', 'The server is in maintenance; try again later.', {
      retryAfter: this.#retryAfter ?? defaultRetryAfter,
      reason: 'maintenance',
    })
  }

  #isOnForAll(): boolean {
    if (this.#shared === undefined) return false
    let answer: unknown
    try {
      answer = this.#shared()
    } catch (error) {
      throw new CallbackError('maintenance', 'threw', error)
    }
    // A promise would be taken for yes, and nobody could sign in.
    if (typeof answer !== 'boolean') throw new CallbackError('maintenance', 'must answer true or false')
    return answer
  }
}
