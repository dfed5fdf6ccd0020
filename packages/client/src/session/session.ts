import { ClientError } from '../errors.js'
import { beginWithCookie } from './begin-with-cookie.js'
import { postForm } from './post-form.js'
import type { Answer } from './post-form.js'
import type { Session, SessionOptions } from './session-options.js'
import { isNewer } from './session-state.js'
import type { SessionState } from './session-state.js'
import type { SignedOutReason } from './siblings.js'
import { tokenClock } from './token-clock.js'
import { isTokenResponse, stateOf } from './token-response.js'
import { tokensAtHand } from './tokens-at-hand.js'

/** A waiter for the lock gives up after this. */
const lockWaitMs = 12_000
/** A holder's requests are over by then: an answer that came later could change a cookie that another tab has got since. */
const lockUseMs = 10_000
const mostAttempts = 4
/** A longer `Retry-After` is the caller's to wait for. */
const longestWaitMs = 10_000
/** How long a sibling is given to answer: one that is there does so at once. */
const siblingMs = 60

/** What became of one attempt: a state (undefined: signed out), or an answer that says to try again. */
type Outcome = { readonly state: SessionState | undefined } | Extract<Answer, { kind: 'transient' }>

export function createSession(options: SessionOptions): Session {
  const { store, cookie, emit, random, clientId, now, monotonic, name } = options
  const clock = tokenClock(now, monotonic)
  const hand = tokensAtHand({ name, store, lock: options.lock, clock, emit })
  const { others, known, current, read, write, keep, take, remove, end, isBehind } = hand
  // Different in every tab, so that they do not all come at the same moment.
  const jitter = Math.random()
  let flight: Promise<SessionState | undefined> | undefined
  let blockedUntil = 0
  /** When the requests made under the lock must be over. */
  let deadline = 0
  /** The turn whose refresh token was sent without a key and without an answer. */
  let unanswered = 0
  let looked = false

  /** One refresh at a time in this page. */
  function join(rejected: string | undefined): Promise<SessionState | undefined> {
    flight ??= refresh(rejected ?? known()?.accessToken).finally(() => {
      flight = undefined
    })
    return flight
  }

  async function refresh(rejected: string | undefined): Promise<SessionState | undefined> {
    const wait = blockedUntil - monotonic()
    if (wait > 0) throw unavailable(undefined, wait)
    for (let attempt = 1; ; attempt++) {
      const outcome = await withLock((held) => tryToRefresh(rejected, held))
      if ('state' in outcome) return outcome.state
      const { cause, retryAfterMs = 0 } = outcome
      if (attempt === mostAttempts || retryAfterMs > longestWaitMs) {
        blockedUntil = monotonic() + retryAfterMs
        throw unavailable(cause, retryAfterMs)
      }
      const delayMs = Math.max(retryAfterMs, 250 * 2 ** attempt * (0.5 + Math.random()))
      emit('retrying', { attempt, delayMs, cause })
      await new Promise((resolve) => setTimeout(resolve, delayMs))
    }
  }

  async function tryToRefresh(rejected: string | undefined, held: boolean): Promise<Outcome> {
    let state = (await current()) ?? (await lookForCookie())
    if (!state || isGood(state, rejected)) return { state }
    const handed = await askSiblings(state)
    if (handed) {
      await take(handed)
      if (isGood(handed, rejected)) return { state: handed }
      state = handed
    }
    if (!cookie && state.refreshToken === undefined) return finish(state, 'expired')

    const keyed = options.sendsKeyTo(state.server)
    // A holder that hangs may have sent this token already. With the same key the answer is the same successor.
    if (!held && !keyed) return transient('The lock is held.')
    const answer = await post(state.server.token, state, keyed ? state.key : undefined, {
      grant_type: 'refresh_token',
      refresh_token: state.refreshToken,
    })
    if (answer.kind === 'error') {
      if (answer.error === 'invalid_grant') return judgeRefusal(state)
      throw new ClientError('refused', `The server answered ${answer.error}.`, { oauthError: answer.error })
    }
    if (answer.kind === 'success' && isTokenResponse(answer.body)) {
      return {
        state: await commit(state, stateOf(answer.body, state, state.server, options, answer.serverTime)),
      }
    }
    if (!keyed) unanswered = state.turn
    // The key of a token that is spent would not tell the next loss from a theft.
    if (state.refreshToken === '' && (answer.kind === 'success' || answer.brokeOff))
      await hand.spend(state, random())
    return answer.kind === 'transient' ? answer : transient('This is no Bearer token response.')
  }

  /** In cookie mode a page that has just been loaded cannot know whether there is a session: it asks once. */
  async function lookForCookie(): Promise<SessionState | undefined> {
    if (!cookie || looked) return undefined
    const stored = await read()
    // Ended: signed out, and the server, whose cookie is still there, was not reached then.
    const begun = stored?.ended ? void (await revoke(stored)) : await beginWithCookie(options, hand)
    looked = true
    return begun
  }

  /**
   * A tab may not have what the one that held the lock before has just written: browsers pass on `localStorage` when they
   * come to it, and `sessionStorage` never. If somebody has newer tokens, they are worth waiting for.
   */
  async function askSiblings({ id, turn, accessToken }: SessionState): Promise<SessionState | undefined> {
    const had = accessToken === '' ? turn - 1 : turn
    const behind = await isBehind(id, had)
    if (behind === false || (behind === undefined && !cookie && store.shared !== false)) return undefined
    return others.ask(id, had, behind === true ? 1000 : siblingMs)
  }

  /** `invalid_grant`: a sibling may have rotated the token without the lock; otherwise the session is over. */
  async function judgeRefusal(state: SessionState): Promise<Outcome> {
    const stored = await current()
    if (isNewer(stored, state) && stored.accessToken !== '') return { state: stored }
    const handed = await others.ask(state.id, state.turn, siblingMs)
    if (handed) {
      await take(handed)
      return { state: handed }
    }
    const expired = (state.refreshExpiresAt ?? Infinity) <= now() + state.clockOffset
    return finish(state, expired ? 'expired' : unanswered === state.turn ? 'reuse' : 'revoked')
  }

  async function finish(state: SessionState, reason: SignedOutReason): Promise<Outcome> {
    await remove(state.id)
    endEverywhere(state, reason)
    return { state: undefined }
  }

  function endEverywhere(state: SessionState, reason: SignedOutReason): void {
    if (state.lifetime > 0) others.tellSignedOut(state.id, reason)
    end(state, reason)
  }

  /** Keeps what a refresh brought, unless the session has moved on without this call. */
  async function commit(before: SessionState, after: SessionState): Promise<SessionState | undefined> {
    const stored = await read()
    if (stored?.id !== before.id || stored.ended) {
      // Signed out, or signed in anew, while the answer was under way: it belongs to nobody now.
      await revoke(after)
      return current()
    }
    if (stored.turn > before.turn) {
      if (after.refreshToken) return current()
      const own = { ...after, turn: stored.turn, key: stored.key }
      keep(own)
      return own
    }
    await publish(after)
    emit('refreshed', { scope: after.scope })
    return after
  }

  async function publish(state: SessionState): Promise<void> {
    await write(state)
    keep(state)
    others.tell(state)
  }

  /** Tries twice; whether the server was reached. Then nothing of the session is left. */
  async function revoke(state: SessionState): Promise<boolean> {
    const { id, server, refreshToken, accessToken } = state
    const form = { token: refreshToken ?? accessToken }
    const attempt = async (): Promise<boolean> =>
      !server.revoke || (await post(server.revoke, state, undefined, form)).kind !== 'transient'
    const done = (await attempt()) || (await attempt())
    if (done) await remove(id)
    return done
  }

  function inCookie({ refreshToken }: SessionState): boolean {
    return cookie || refreshToken === ''
  }

  function post(
    url: string,
    state: SessionState,
    key: string | undefined,
    form: Record<string, string | undefined>,
  ): Promise<Answer> {
    const timeoutMs = Math.min(options.timeoutMs, deadline - monotonic())
    return postForm(options.fetch, url, { ...form, client_id: clientId }, key, inCookie(state), timeoutMs)
  }

  function isGood(state: SessionState, rejected: string | undefined): boolean {
    return state.accessToken !== rejected && clock.left(state) > 0
  }

  async function withLock<T>(work: (held: boolean) => Promise<T>): Promise<T> {
    const release = await options.lock.acquire(name, lockWaitMs)
    deadline = monotonic() + lockUseMs
    // Whatever hangs (a store of the app's own): the others must not wait for it.
    const timer = setTimeout(() => release?.(), lockWaitMs - 1000)
    try {
      return await work(release !== undefined)
    } finally {
      clearTimeout(timer)
      release?.()
    }
  }

  return {
    async getAccessToken(rejected) {
      // Two rounds: the refresh that was joined may have brought the very token that is rejected here.
      for (let round = 1; ; round++) {
        const state = known() ?? (await current())
        if (!state && (!cookie || looked)) return undefined
        if (state && isGood(state, rejected)) {
          const margin = Math.min(60_000, state.lifetime * (0.1 + 0.1 * jitter))
          const refreshable = cookie || state.refreshToken !== undefined
          if (refreshable && clock.left(state) < margin) void join(undefined).catch(() => {})
          return state.accessToken
        }
        const renewed = await join(rejected)
        if (!renewed) return undefined
        if (renewed.accessToken !== rejected || round === 2) return renewed.accessToken
      }
    },
    async adopt(logIn) {
      await withLock(async () => {
        const state = stateOf(await logIn(), undefined, await options.discover(), options)
        await publish(state)
        emit('adopted', { from: 'sign-in', scope: state.scope })
      })
    },
    async signOut() {
      const reached = await withLock(async () => {
        let state = await current()
        // The cookie may be there: of an earlier sign-out that did not reach the server, or without an entry of the store.
        if (cookie) state ??= (await read()) ?? (await beginWithCookie(options, hand))
        if (!state) return true
        // Here first: whoever has asked to be signed out is, whatever becomes of the request.
        await (inCookie(state) ? write({ ...state, ended: true }) : store.remove())
        if (!state.ended) endEverywhere(state, 'user')
        return revoke(state)
      })
      if (!reached) throw unavailable(undefined, 0)
    },
    pause: hand.pause,
    resume: hand.resume,
  }
}

function transient(message: string): Outcome {
  return { kind: 'transient', cause: new Error(message) }
}

function unavailable(cause: unknown, retryAfterMs: number): ClientError {
  return new ClientError('unavailable', 'The server cannot be reached now.', {
    cause,
    retryAfter: retryAfterMs > 0 ? Math.ceil(retryAfterMs / 1000) : undefined,
  })
}
