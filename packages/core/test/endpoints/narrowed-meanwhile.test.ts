import { MemoryStorage } from '@oauth-ratchet/core'
import type { GrantUpdate } from '@oauth-ratchet/core'
import { codeOf, redemption } from '../setup/authorization.js'
import { interceptedStorage } from '../setup/intercepted-storage.js'
import { startServer } from '../setup/test-server.js'
import { issue, tokensOf } from '../setup/tokens.js'

/** A server whose next turn finds the grant updated by another process since it was read. */
function updatedBeforeTurn(update: GrantUpdate, options: Parameters<typeof startServer>[0] = {}) {
  const inner = new MemoryStorage()
  const other = startServer({ storage: inner })
  let armed = false
  const storage = interceptedStorage(inner, async ({ name, parameters }, proceed) => {
    if (armed && name === 'grants.turn') {
      armed = false
      await other.server.grants.update(String(parameters[0]), update)
    }
    return proceed()
  })
  const at = startServer({ ...options, storage }, other.clock)
  return { at, arm: () => (armed = true) }
}

function payloadOf(jwt: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>
}

const jwt = { accessToken: { format: 'jwt', claims: () => ({ tier: 'gold' }) } } as const

describe('a grant that is narrowed between the look at it and its turn', () => {
  test('a JWT of a refresh has the scope of the record that turned, and the answer says so', async () => {
    const { at, arm } = updatedBeforeTurn({ scope: 'read' }, jwt)
    const first = await issue(at)
    arm()

    const second = tokensOf(await at.refresh(first.refresh_token))

    expect(second.scope).toBe('read')
    expect(payloadOf(second.access_token)).toMatchObject({ scope: 'read', tier: 'gold' })
    expect(await at.refresh(second.refresh_token)).toMatchObject({ status: 200 })
  })

  test('a scope that was asked for and is gone by then is left out; the turn is not lost', async () => {
    const { at, arm } = updatedBeforeTurn({ scope: 'read' }, jwt)
    const first = await issue(at)
    arm()

    const second = tokensOf(await at.refresh(first.refresh_token, { scope: 'write read' }))

    expect(second.scope).toBe('read')
    expect(payloadOf(second.access_token)).toMatchObject({ scope: 'read' })
    expect(at.events('grant.turned')).toHaveLength(1)
  })

  test('with nothing left of what was asked for the access token has no scope, and never all', async () => {
    const { at, arm } = updatedBeforeTurn({ scope: 'read' }, jwt)
    const first = await issue(at)
    arm()

    const second = tokensOf(await at.refresh(first.refresh_token, { scope: 'write' }))

    expect(second).not.toHaveProperty('scope')
    expect(payloadOf(second.access_token)).not.toHaveProperty('scope')
    expect(tokensOf(await at.refresh(second.refresh_token)).scope).toBe('read')
  })

  test('the first tokens of a code have the narrower scope too, and the events the new metadata', async () => {
    const { at, arm } = updatedBeforeTurn({ scope: 'read', metadata: { device: 'tablet' } }, jwt)
    const code = await codeOf(at)
    arm()

    const first = tokensOf(await at.token(redemption(code)))

    expect(first.scope).toBe('read')
    expect(payloadOf(first.access_token)).toMatchObject({ scope: 'read' })
    expect(at.events('grant.issued')).toMatchObject([{ metadata: { device: 'tablet' } }])
  })
})
