import { ENGINE_TIMEOUT_MS, sharedRedis } from '@oauth-ratchet/engines'
import { randomBytes } from 'node:crypto'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ReleaseProcess } from './setup/release-process.js'
import type { Answer, Tokens } from './setup/release-process.js'
import { unpackRelease } from './setup/unpacked-release.js'

/** The release that a rolling upgrade begins with, and a rollback ends with. */
const release = '0.1.0'
const program = join(__dirname, 'fixtures', 'release-process.mjs')

/** What each storage has seen so far, and still must know. */
interface History {
  readonly store: string
  readonly user: string
  /** A session that goes on through everything. */
  tokens: Tokens
  /** Sessions that are left alone, and must still be good at the end. */
  readonly kept: Tokens[]
  /** The latest refresh tokens of sessions that have ended, which must never be good again. */
  readonly ended: Tokens[]
}

type Pair = readonly [ReleaseProcess, ReleaseProcess]

function tokensOf(answer: Answer): Tokens {
  expect(answer).toMatchObject({ status: 200 })
  return answer.body as unknown as Tokens
}

async function signIn(
  store: string,
  user: string,
  here: ReleaseProcess,
  there: ReleaseProcess,
): Promise<Tokens> {
  return tokensOf(await there.redeem(store, await here.authorize(store, user)))
}

/** The session that is there goes on at either, and what either gave is good at the other. */
async function goOn(history: History, [one, two]: Pair): Promise<void> {
  const { store } = history
  for (const at of [one, two, one]) history.tokens = tokensOf(await at.refresh(store, history.tokens))
  expect([await one.call(store, history.tokens), await two.call(store, history.tokens)]).toEqual([200, 200])
  expect(await two.isActive(store, history.tokens.refresh_token)).toBe(true)
  for (const over of history.ended) expect(await two.isActive(store, over.refresh_token)).toBe(false)
}

/** Everything that two processes on one store must agree on, whichever release each is of. */
async function exercise(history: History, [one, two]: Pair): Promise<void> {
  const { store, user } = history
  for (const [here, there] of [
    [one, two],
    [two, one],
  ] as const) {
    await goOn(history, [here, there])

    // A lost answer is given again by the other, for its key.
    const first = tokensOf(await here.refresh(store, history.tokens, 'a key of this try'))
    const again = tokensOf(await there.refresh(store, history.tokens, 'a key of this try'))
    expect(again.refresh_token).toBe(first.refresh_token)
    history.tokens = again

    // A new one begins at one and is redeemed at the other; it stays.
    history.kept.push(await signIn(store, user, here, there))
    expect(await here.sessions(store, user)).toEqual(await there.sessions(store, user))

    // What one revokes is over at the other.
    const revoked = await signIn(store, user, here, there)
    await here.revoke(store, revoked.refresh_token)
    history.ended.push(revoked)
    expect(await there.call(store, revoked)).toBe(401)

    // A token that was turned at one and comes back at the other ends its grant.
    const stolen = await signIn(store, user, there, here)
    const next = tokensOf(await here.refresh(store, stolen))
    expect((await there.refresh(store, stolen)).body['error']).toBe('invalid_grant')
    history.ended.push(next)
    expect(await here.call(store, next)).toBe(401)
  }
}

const folder = mkdtempSync(join(tmpdir(), 'oauth-ratchet-upgrade-'))
let env: Readonly<Record<string, string>> = {}

beforeAll(async () => {
  unpackRelease(release, folder)
  copyFileSync(program, join(folder, 'release-process.mjs'))
  env = {
    REDIS_URL: (await sharedRedis()).url,
    PREFIX: `upgrade-${randomBytes(6).toString('hex')}:`,
    SQLITE_FILE: join(folder, 'oauth.sqlite'),
    SECRET: randomBytes(48).toString('base64url'),
  }
}, ENGINE_TIMEOUT_MS)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The next process is there before the one that it replaces is gone, as in a deployment. */
async function replaced(ends: ReleaseProcess, begins: Promise<ReleaseProcess>): Promise<ReleaseProcess> {
  const next = await begins
  expect(await ends.stop()).toBe(0)
  return next
}

const startOld = () => ReleaseProcess.start(join(folder, 'release-process.mjs'), env)
const startNew = () => ReleaseProcess.start(program, env)

test(`two processes of ${release} are upgraded one by one and rolled back: no session is lost, none that ended comes back`, async () => {
  let [one, two] = await Promise.all([startOld(), startOld()])
  const histories = await Promise.all(
    ['redis', 'sqlite'].map(async (store): Promise<History> => {
      const user = `alice of ${store}`
      return { store, user, tokens: await signIn(store, user, one, two), kept: [], ended: [] }
    }),
  )
  const both = (stage: (history: History, pair: Pair) => Promise<void>) =>
    Promise.all(histories.map((history) => stage(history, [one, two])))
  await both(goOn)
  one = await replaced(one, startNew())
  await both(exercise)
  two = await replaced(two, startNew())
  await both(goOn)
  one = await replaced(one, startOld())
  await both(exercise)
  two = await replaced(two, startOld())
  await both(goOn)

  for (const { store, kept } of histories) {
    expect(kept).toHaveLength(4)
    for (const tokens of kept) expect(tokensOf(await one.refresh(store, tokens)).refresh_token).toBeDefined()
  }
  expect(await Promise.all([one.stop(), two.stop()])).toEqual([0, 0])
}, 60_000)
