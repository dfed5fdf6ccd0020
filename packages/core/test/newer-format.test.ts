import { MemoryStorage } from '@oauth-ratchet/core'
import type { TurnResult } from '@oauth-ratchet/core'
import { codeOf, redemption } from './setup/authorization.js'
import { interceptedStorage } from './setup/intercepted-storage.js'
import { startServer } from './setup/test-server.js'
import { issue } from './setup/tokens.js'

/** Answers a turn with a record of a format that this version does not know, as where a newer one came in between. */
function upgradedMeanwhile() {
  return interceptedStorage(new MemoryStorage(), async ({ name }, proceed) => {
    const answer = await proceed()
    if (name !== 'grants.turn') return answer
    const { turned, grant } = answer as TurnResult
    return { turned, grant: grant && { ...grant, format: 99 } }
  })
}

describe('a turn that comes back with a record of a newer format', () => {
  test.each([
    ['opened by it', {}],
    ['opened before it', { scope: 'read' }],
  ])('is an outage, not tokens, where the facts are %s', async (_, form) => {
    const at = startServer({ storage: upgradedMeanwhile() })
    const { refresh_token } = await issue(at)

    const answer = await at.refresh(refresh_token, form)

    expect(answer).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } })
    expect(at.events('request.failed')).toMatchObject([{ phase: 'storage' }])
    expect([...at.events('grant.turned'), ...at.events('grant.revoked')]).toEqual([])
  })

  test('is an outage for a code too', async () => {
    const at = startServer({ storage: upgradedMeanwhile() })
    const code = await codeOf(at)

    const answer = await at.token(redemption(code))

    expect(answer).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } })
    expect(at.events('grant.issued')).toEqual([])
  })
})
