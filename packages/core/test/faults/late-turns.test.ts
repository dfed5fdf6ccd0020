import { MemoryStorage } from '@oauth-ratchet/core'
import { codeOf, redemption } from '../setup/authorization.js'
import { minute } from '../setup/clock.js'
import { interceptedStorage } from '../setup/intercepted-storage.js'
import { StallingStorage } from '../setup/stalling-storage.js'
import { startServer } from '../setup/test-server.js'
import { expectAlive, expectDead, issue, tokensOf } from '../setup/tokens.js'

const outage = { status: 503, body: { error: 'temporarily_unavailable' } }
const invalidGrant = { status: 400, body: { error: 'invalid_grant' } }

function stalling(options: Parameters<typeof startServer>[0] = {}) {
  const store = new StallingStorage()
  const at = startServer({ storageTimeout: 0.02, ...options, storage: store.storage })
  return { at, inner: store.inner, stall: store.stall.bind(store), goOn: store.goOn.bind(store) }
}

describe('a refresh during which the store stands still, and which it makes afterwards', () => {
  test('is a 503, and the retry without any key gets the successor: nobody else has it', async () => {
    const { at, stall, goOn } = stalling()
    const first = await issue(at)
    stall()
    expect(await at.refresh(first.refresh_token)).toMatchObject(outage)
    await goOn()

    const second = tokensOf(await at.refresh(first.refresh_token))

    await expectAlive(at, second)
    tokensOf(await at.refresh(second.refresh_token))
    expect(at.events('grant.reuse_detected')).toEqual([])
    expect(at.events('grant.repeated')).toHaveLength(1)
  })

  test('and several retries: whichever of them is made first', async () => {
    const { at, stall, goOn } = stalling()
    const first = await issue(at)
    stall()
    for (let retry = 0; retry < 12; retry++)
      expect(await at.refresh(first.refresh_token)).toMatchObject(outage)
    await goOn()

    await expectAlive(at, tokensOf(await at.refresh(first.refresh_token)))
  })

  test('also where the grant is read first', async () => {
    const { at, stall, goOn } = stalling()
    const first = await issue(at)
    stall()
    await at.refresh(first.refresh_token)
    await goOn()

    tokensOf(await at.refresh(first.refresh_token, { scope: 'read' }))
  })

  test('is answered once: the spent token after that is reuse', async () => {
    const { at, stall, goOn } = stalling()
    const first = await issue(at)
    stall()
    await at.refresh(first.refresh_token)
    await goOn()
    const second = tokensOf(await at.refresh(first.refresh_token))

    expect(await at.refresh(first.refresh_token)).toMatchObject(invalidGrant)

    await expectDead(at, second)
  })

  test('stays the owner’s when a stranger presents an older token of the grant meanwhile', async () => {
    const { at, stall, goOn } = stalling()
    const first = await issue(at)
    const second = tokensOf(await at.refresh(first.refresh_token))
    stall()
    expect(await at.refresh(second.refresh_token)).toMatchObject(outage)
    expect(await at.refresh(first.refresh_token, { client_id: 'app-b' })).toMatchObject(outage)
    expect(await at.refresh(second.refresh_token, { client_id: 'app-b' })).toMatchObject(outage)
    await goOn()

    await expectAlive(at, tokensOf(await at.refresh(second.refresh_token)))
  })

  test('is not armed by an attempt that gives up after another one was answered', async () => {
    const hanging: (() => void)[] = []
    let [hang, failing] = [true, false]
    const storage = interceptedStorage(new MemoryStorage(), async ({ name }, proceed) => {
      if (failing) throw new Error('ECONNRESET')
      const answer = await proceed()
      if (name !== 'grants.turn' || !hang) return answer
      hang = false
      return new Promise((_resolve, reject) => hanging.push(() => reject(new Error('ECONNRESET'))))
    })
    const at = startServer({ storage, refreshToken: { reuseGrace: 10 } })
    const first = await issue(at)
    const slow = at.refresh(first.refresh_token)
    await new Promise(setImmediate)
    const second = tokensOf(await at.refresh(first.refresh_token))
    failing = true
    for (const giveUp of hanging) giveUp()
    expect(await slow).toMatchObject(outage)
    failing = false
    at.clock.advance(11)

    expect(await at.refresh(first.refresh_token)).toMatchObject(invalidGrant)

    await expectDead(at, second)
  })

  test('with an idempotency key is known by that, at every process, and not by this memory', async () => {
    const { at, stall, goOn } = stalling()
    const first = await issue(at)
    const withKey = { headers: { 'idempotency-key': 'k1' } }
    stall()
    await at.refresh(first.refresh_token, {}, withKey)
    await goOn()

    const second = tokensOf(await at.refresh(first.refresh_token, {}, withKey))
    expect(await at.refresh(first.refresh_token)).toMatchObject(invalidGrant)

    await expectDead(at, second)
  })

  test('is not answered to another client', async () => {
    const { at, stall, goOn } = stalling()
    const first = await issue(at)
    stall()
    await at.refresh(first.refresh_token)
    await goOn()

    expect(await at.refresh(first.refresh_token, { client_id: 'app-b' })).toMatchObject(invalidGrant)

    tokensOf(await at.refresh(first.refresh_token))
  })

  test('is forgotten after ten minutes, and by another process: then it is reuse', async () => {
    const { at, inner, stall, goOn } = stalling()
    const [first, other] = [await issue(at), await issue(at)]
    stall()
    await at.refresh(first.refresh_token)
    await at.refresh(other.refresh_token)
    await goOn()

    expect(await startServer({ storage: inner }, at.clock).refresh(other.refresh_token)).toMatchObject(
      invalidGrant,
    )
    at.clock.advance(10 * minute)
    expect(await at.refresh(first.refresh_token)).toMatchObject(invalidGrant)
  })

  test('is reuse where another process has turned meanwhile, and answered', async () => {
    const { at, inner, stall, goOn } = stalling()
    const other = startServer({ storage: inner }, at.clock)
    const first = await issue(at)
    stall()
    await at.refresh(first.refresh_token)
    const second = tokensOf(await other.refresh(first.refresh_token))
    await goOn()

    expect(await at.refresh(first.refresh_token)).toMatchObject(invalidGrant)

    await expectDead(other, second)
    expect(at.events('grant.reuse_detected')).toHaveLength(1)
  })

  test('covers no spent token of a turn that was answered', async () => {
    const { at, stall, goOn } = stalling()
    const first = await issue(at)
    const second = tokensOf(await at.refresh(first.refresh_token))
    stall()
    await at.refresh(second.refresh_token)
    await goOn()

    expect(await at.refresh(first.refresh_token)).toMatchObject(invalidGrant)
    expect(await at.refresh(second.refresh_token)).toMatchObject(invalidGrant)
  })

  test('a code stays for one use: its retry ends the grant (RFC 6749 §4.1.2)', async () => {
    const { at, stall, goOn } = stalling()
    const code = await codeOf(at)
    stall()
    expect(await at.token(redemption(code))).toMatchObject(outage)
    await goOn()

    expect(await at.token(redemption(code))).toMatchObject(invalidGrant)
    expect(at.events('grant.reuse_detected')).toMatchObject([{ reason: 'code_replay' }])
  })
})
