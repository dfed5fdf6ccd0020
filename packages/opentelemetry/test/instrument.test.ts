import { createAuthorizationServer, MemoryStorage, StorageError } from '@oauth-ratchet/core'
import type { AuthorizationServer, Storage } from '@oauth-ratchet/core'
import { context, metrics, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { instrument, metricDefinitions } from '../src/index.js'

const clientId = 'app'

function start(storage: Storage = new MemoryStorage()): AuthorizationServer {
  return createAuthorizationServer({
    issuer: 'https://auth.example.com',
    secrets: ['5ms2wAbr8Ak0DXalcd2unhsqzSfGHYcaaZ4HGSSYQzFF9VGR'],
    storage,
    scopes: ['read'],
    clients: ['app', 'other-app'].map((client_id) => ({
      client_id,
      token_endpoint_auth_method: 'none',
      grant_types: ['refresh_token'],
      scope: 'read',
    })),
    sweepInterval: 0,
  })
}

function refresh(server: AuthorizationServer, refresh_token: string, over: Record<string, string> = {}) {
  return server.endpoints.token({
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    query: '',
    body: Buffer.from(
      new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: clientId,
        refresh_token,
        ...over,
      }).toString(),
    ),
    requestId: 'req-1',
  })
}

const spans = new InMemorySpanExporter()
let exporter: InMemoryMetricExporter
let provider: MeterProvider

function registerSdk(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }))
  exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  provider = new MeterProvider({ readers: [reader] })
  metrics.setGlobalMeterProvider(provider)
}

afterEach(async () => {
  trace.disable()
  metrics.disable()
  context.disable()
  spans.reset()
  await provider?.shutdown()
})

test('without an SDK the server is left alone: nothing stands around a request, nobody listens', async () => {
  const server = start()
  const { refresh_token = '' } = await server.grants.issue({ clientId, subject: 'u1' })
  const added = jest.spyOn(server, 'instrument')
  const listened = jest.spyOn(server, 'on')

  instrument(server)()

  expect(added).not.toHaveBeenCalled()
  expect(listened).not.toHaveBeenCalled()
  expect(await refresh(server, refresh_token)).toMatchObject({ status: 200 })
})

describe('with an SDK', () => {
  beforeEach(registerSdk)

  test('the span of a refresh shows its one storage call as its child, and is a child of what was active', async () => {
    const server = start()
    const { refresh_token = '' } = await server.grants.issue({ clientId, subject: 'u1' })
    instrument(server)
    const http = trace.getTracer('test').startSpan('POST /oauth/token')

    await context.with(trace.setSpan(context.active(), http), () => refresh(server, refresh_token))

    await settled()
    const [turn, request, ...more] = spans.getFinishedSpans()
    expect(more).toEqual([])
    expect(request).toMatchObject({
      name: 'oauth token refresh_token',
      attributes: {
        'oauth_ratchet.endpoint': 'token',
        'oauth_ratchet.grant_type': 'refresh_token',
        'oauth_ratchet.client_id': 'app',
        'oauth_ratchet.outcome': 'ok',
        'oauth_ratchet.request_id': 'req-1',
      },
    })
    expect(request?.parentSpanContext?.spanId).toBe(http.spanContext().spanId)
    expect(turn).toMatchObject({ name: 'storage grants.turn', status: { code: 0 } })
    expect(turn?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId)
    expect(
      JSON.stringify(spans.getFinishedSpans().map(({ name, attributes }) => [name, attributes])),
    ).not.toContain(refresh_token)
  })

  test('two refreshes at once have each their own storage call below them', async () => {
    const server = start()
    const issued = await Promise.all(
      ['u1', 'u2'].map((subject) => server.grants.issue({ clientId, subject })),
    )
    instrument(server)

    await Promise.all(issued.map(({ refresh_token = '' }) => refresh(server, refresh_token)))

    await settled()
    const finished = spans.getFinishedSpans()
    const requests = finished.filter(({ name }) => name.startsWith('oauth token'))
    const parents = finished
      .filter(({ name }) => name.startsWith('storage'))
      .map((span) => span.parentSpanContext?.spanId)
    expect(requests).toHaveLength(2)
    expect(new Set(parents)).toEqual(new Set(requests.map((span) => span.spanContext().spanId)))
  })

  test('an outage is an error of the storage span and of the request span, a refusal is none', async () => {
    const storage = new MemoryStorage()
    const server = start(storage)
    const { refresh_token = '' } = await server.grants.issue({ clientId, subject: 'u1' })
    instrument(server)
    server.on('request.failed', () => {})
    await refresh(server, 'garbage')
    const turn = jest.spyOn(storage.grants, 'turn').mockImplementation(outage)
    const guarded = start(storage)
    guarded.on('request.failed', () => {})
    instrument(guarded)
    await refresh(guarded, refresh_token)
    turn.mockRestore()
    await settled()

    expect(
      spans
        .getFinishedSpans()
        .map(({ name, status, attributes }) => [name, status.code, attributes['oauth_ratchet.outcome']]),
    ).toEqual([
      ['oauth token refresh_token', 0, 'invalid_grant'],
      ['storage grants.turn', 2, undefined],
      ['oauth token refresh_token', 2, 'temporarily_unavailable'],
    ])
  })

  test('metrics count outcomes by grant type and client, repeats, reuse, sessions and storage calls', async () => {
    const server = start()
    instrument(server, { clients: ['app'] })
    const { refresh_token = '' } = await server.grants.issue({ clientId, subject: 'u1' })
    const other = await server.grants.issue({ clientId: 'other-app', subject: 'u1' })
    await refresh(server, refresh_token)
    await refresh(server, refresh_token)
    await refresh(server, other.refresh_token ?? '', { client_id: 'other-app' })
    await refresh(server, 'x', { client_id: 'nobody-at-all', grant_type: 'no-such-grant' })
    await server.tokens.verify(other.access_token)

    const points = await collected()
    expect(points['oauth_ratchet.requests']).toEqual([
      [{ endpoint: 'token', grant_type: 'refresh_token', client: 'app', outcome: 'ok' }, 1],
      [{ endpoint: 'token', grant_type: 'refresh_token', client: 'app', outcome: 'invalid_grant' }, 1],
      [{ endpoint: 'token', grant_type: 'refresh_token', client: 'other', outcome: 'ok' }, 1],
      [{ endpoint: 'token', grant_type: 'other', client: 'none', outcome: 'invalid_client' }, 1],
      [{ endpoint: 'verify', grant_type: 'none', client: 'none', outcome: 'ok' }, 1],
    ])
    expect(points['oauth_ratchet.sessions.begun']).toEqual([
      [{ client: 'app' }, 1],
      [{ client: 'other' }, 1],
    ])
    expect(points['oauth_ratchet.sessions.ended']).toEqual([[{ client: 'app', reason: 'reuse' }, 1]])
    expect(points['oauth_ratchet.reuse']).toEqual([
      [{ client: 'app', reason: 'reuse', cause: 'second_tab', observed: 'false' }, 1],
    ])
    expect(points['oauth_ratchet.authentications.failed']).toEqual([
      [{ of: 'client', throttled: 'false' }, 1],
    ])
    expect(points['oauth_ratchet.storage.duration']).toContainEqual([
      { operation: 'grants.turn', outcome: 'ok' },
      expect.objectContaining({ count: 3 }),
    ])
    for (const name of Object.keys(points)) expect(metricDefinitions).toHaveProperty([name])
  })

  test('what was instrumented can be left alone again', async () => {
    const server = start()
    instrument(server)()
    const { refresh_token = '' } = await server.grants.issue({ clientId, subject: 'u1' })
    await refresh(server, refresh_token)

    expect(spans.getFinishedSpans()).toEqual([])
    expect(await collected()).toEqual({})
  })
})

const outage = () => Promise.reject(new StorageError('down', { outcome: 'not_applied' }))

/** An instrumentation hears of an outcome when its answer is on its way. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

/** By metric: attributes and value of each point. */
async function collected(): Promise<Record<string, [object, unknown][]>> {
  await settled()
  await provider.forceFlush()
  const all =
    exporter
      .getMetrics()
      .at(-1)
      ?.scopeMetrics.flatMap((scope) => scope.metrics) ?? []
  return Object.fromEntries(
    all.map(({ descriptor, dataPoints }) => [
      descriptor.name,
      dataPoints.map(({ attributes, value }): [object, unknown] => [attributes, value]),
    ]),
  )
}
