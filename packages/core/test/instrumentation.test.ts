import type { Instrumentation, RequestOutcome } from '@oauth-ratchet/core'
import { stderr } from './setup/stderr.js'
import { clientC, confidentialSecret, startServer } from './setup/test-server.js'
import { issue, tokensOf } from './setup/tokens.js'

/** An instrumentation hears of an outcome when its answer is on its way. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

/** Writes down what begins and what it comes to. */
function recorder() {
  const seen: [string, RequestOutcome | boolean][] = []
  const instrumentation: Instrumentation = {
    request: async ({ endpoint }, run) => void seen.push([endpoint, await run()]),
    storage: async ({ operation }, run) => void seen.push([operation, (await run()).ok]),
  }
  return { seen, instrumentation }
}

test('a refresh is one request and, within it, one storage call', async () => {
  const at = startServer()
  const first = await issue(at)
  const { seen, instrumentation } = recorder()
  at.server.instrument(instrumentation)

  await at.refresh(first.refresh_token)
  await settled()

  expect(seen).toEqual([
    ['grants.turn', true],
    [
      'token',
      {
        status: 200,
        clientId: 'app-a',
        grantType: 'refresh_token',
        requestId: at.events('grant.turned')[0]?.['requestId'],
      },
    ],
  ])
})

test('every endpoint and server.tokens say what they came to, and nothing that a stranger made up', async () => {
  const at = startServer()
  const { access_token, refresh_token } = await issue(at)
  const { seen, instrumentation } = recorder()
  at.server.instrument(instrumentation)

  await at.refresh('garbage')
  await at.token({ grant_type: 'made-up', client_id: clientC.client_id, client_secret: confidentialSecret })
  await at.token({ grant_type: 'refresh_token', client_id: 'made-up' })
  await at.introspect(access_token)
  await at.introspectAs({ token: access_token })
  await at.server.tokens.verify(access_token)
  await at.server.tokens.verify('garbage').catch(() => {})
  await at.server.tokens.refresh({ refreshToken: 'garbage', clientId: 'app-a' }).catch(() => {})
  await at.revoke({ token: refresh_token, client_id: 'app-a' })
  await at.server.tokens.revoke(refresh_token)

  await settled()
  const requests = seen.filter(([name]) => !name.includes('.'))
  expect(
    requests.map(([endpoint, outcome]) => ({ endpoint, ...(outcome as object), requestId: '' })),
  ).toEqual(
    [
      {
        endpoint: 'token',
        status: 400,
        error: 'invalid_grant',
        clientId: 'app-a',
        grantType: 'refresh_token',
      },
      {
        endpoint: 'token',
        status: 400,
        error: 'unsupported_grant_type',
        clientId: 'web-c',
        grantType: 'other',
      },
      { endpoint: 'token', status: 400, error: 'invalid_client', grantType: 'refresh_token' },
      { endpoint: 'introspect', status: 200, clientId: 'api' },
      { endpoint: 'introspect', status: 401, error: 'invalid_client' },
      { endpoint: 'verify', status: 200 },
      { endpoint: 'verify', status: 401, error: 'invalid_token' },
      {
        endpoint: 'token',
        status: 400,
        error: 'invalid_grant',
        clientId: 'app-a',
        grantType: 'refresh_token',
      },
      { endpoint: 'revoke', status: 200, clientId: 'app-a' },
      { endpoint: 'revoke', status: 200 },
    ].map((one) => ({ ...one, requestId: '' })),
  )
})

test.each<[string, NonNullable<Instrumentation['request']>]>([
  [
    'throws',
    () => {
      throw new Error('no')
    },
  ],
  ['rejects', () => Promise.reject(new Error('no'))],
  ['never runs it', () => {}],
  ['never ends', (_, run) => run().then(() => new Promise(() => {}))],
  ['runs it twice', async (_, run) => void (await Promise.all([run(), run()]))],
])('an instrumentation that %s changes no answer, and the work is done once', async (_, request) => {
  const output = stderr()
  try {
    const at = startServer()
    const first = await issue(at)
    at.server.instrument({ request, storage: request as unknown as NonNullable<Instrumentation['storage']> })

    const second = tokensOf(await at.refresh(first.refresh_token))

    expect(await at.refresh(second.refresh_token)).toMatchObject({ status: 200 })
    expect(at.events('grant.turned')).toHaveLength(2)
    expect(at.events('grant.reuse_detected')).toEqual([])
  } finally {
    output.restore()
  }
})

test('the first that was added stands outermost; one that is taken away hears nothing more', async () => {
  const at = startServer()
  const order: string[] = []
  const named = (name: string): Instrumentation => ({
    request: async (_, run) => {
      order.push(`${name} begins`)
      await run()
      order.push(`${name} ends`)
    },
  })
  const remove = at.server.instrument(named('outer'))
  at.server.instrument(named('inner'))
  await at.refresh('garbage')
  await settled()
  remove()
  await at.refresh('garbage')
  await settled()

  expect(order).toEqual([
    'outer begins',
    'inner begins',
    'inner ends',
    'outer ends',
    'inner begins',
    'inner ends',
  ])
})

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['null', null],
  ['a misspelt name', { requests: () => {} }],
  ['no function', { request: () => {}, storage: 1 }],
])('%s is refused when it is handed over, not in the log of each request', (_, instrumentation) => {
  const { server } = startServer()

  expect(() => server.instrument(instrumentation as Instrumentation)).toThrow(
    expect.objectContaining({ code: 'instrumentation.invalid' }) as Error,
  )
})
