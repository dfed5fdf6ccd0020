import { authorize, makeApp, versions } from './harness.js'

const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
}

const grantAll = () => ({ scope: 'read write' })

describe.each(versions)('callbacks that fail on %s', (_name, express) => {
  const fault = new Error('secret detail')
  const rejects = () => Promise.reject(fault)
  const throws = () => {
    throw fault
  }

  test.each([
    ['signIn throws', { signIn: throws }],
    ['signIn rejects', { signIn: rejects }],
    ['signIn gives no subject', { signIn: () => ({ subject: '' }) }],
    ['signIn gives nonsense', { signIn: () => true as never }],
    ['consent throws', { consent: throws }],
    ['consent rejects', { consent: rejects }],
    ['consent gives nonsense', { consent: () => 'yes' as never }],
  ])('%s: a 503 page, nothing of it told, and an event', async (_case, options) => {
    const { app, server } = makeApp(express, options)
    const phases: string[] = []
    server.on('request.failed', (event) => phases.push(event.phase))
    const response = await authorize(app)
    expect(response.status).toBe(503)
    expect(response.headers).toMatchObject({ ...pageHeaders, 'retry-after': '1' })
    expect(response.text).not.toContain('secret detail')
    expect(phases).toEqual(['callback'])
  })

  test('a throw after the answer was sent changes nothing', async () => {
    const { app, server } = makeApp(express, {
      signIn: (_req, res) => {
        res.send('sent')
        throw fault
      },
    })
    server.on('request.failed', () => {})
    expect((await authorize(app)).text).toBe('sent')
  })

  test('a throw in the middle of an answer breaks the connection off', async () => {
    const { app, server } = makeApp(express, {
      signIn: (_req, res) => {
        res.write('half')
        throw fault
      },
    })
    server.on('request.failed', () => {})
    await expect(authorize(app)).rejects.toThrow(/aborted|hang up/)
  })

  test('H14: a client lookup that fails is a 503 page', async () => {
    const { app, server } = makeApp(express, {
      consent: grantAll,
      server: { clients: () => Promise.reject(fault) },
    })
    const phases: string[] = []
    server.on('request.failed', (event) => phases.push(event.phase))
    const response = await authorize(app)
    expect([response.status, phases]).toEqual([503, ['callback']])
  })
})
