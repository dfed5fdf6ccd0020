import type {
  AuthorizationServer,
  Instrumentation,
  ServerEventListener,
  ServerEventName,
} from '@oauth-ratchet/core'
import { ClientLabels } from './client-labels.js'
import type { MetricName } from './metric-definitions.js'

export type Labels = Readonly<Record<string, string>>

/** Where metrics go. */
export interface MetricSink {
  /** Adds one to a counter. */
  count(name: MetricName, labels: Labels): void
  /** @param seconds for a histogram */
  observe(name: MetricName, seconds: number, labels: Labels): void
}

export interface MetricOptions {
  /** The clients that have a label value of their own; others are `other`. Default: the first {@link maxClients} that come. */
  readonly clients?: readonly string[] | undefined
  /** Default 50. */
  readonly maxClients?: number | undefined
}

/**
 * Counts what happens at a server into a sink: once for all sinks, so that OpenTelemetry and Prometheus have the same.
 *
 * Listens to `grant.reuse_detected`, so that the warning `OAUTH_RATCHET_QUICK_REUSE` is not given; not to `request.failed`,
 * so that faults still go to stderr where nobody else listens.
 *
 * @returns stops it
 */
export function recordMetrics(
  server: AuthorizationServer,
  sink: MetricSink,
  { clients, maxClients = 50 }: MetricOptions = {},
): () => void {
  const labels = new ClientLabels(clients, maxClients)
  const undo = [server.instrument(durations(sink, labels))]
  const on = <Name extends ServerEventName>(name: Name, listener: ServerEventListener<Name>): void => {
    server.on(name, listener)
    undo.push(() => void server.off(name, listener))
  }
  on('grant.issued', ({ clientId }) =>
    sink.count('oauth_ratchet.sessions.begun', { client: labels.of(clientId) }),
  )
  on('grant.revoked', ({ clientId, reason }) =>
    sink.count('oauth_ratchet.sessions.ended', { client: labels.of(clientId), reason }),
  )
  on('grant.repeated', ({ clientId }) =>
    sink.count('oauth_ratchet.refreshes.repeated', { client: labels.of(clientId) }),
  )
  on('grant.reuse_detected', ({ clientId, reason, cause, observed = false }) =>
    sink.count('oauth_ratchet.reuse', {
      client: labels.of(clientId),
      reason,
      cause,
      observed: String(observed),
    }),
  )
  on('client.authentication_failed', ({ throttled }) =>
    sink.count('oauth_ratchet.authentications.failed', { of: 'client', throttled: String(throttled) }),
  )
  on('user.authentication_failed', ({ throttled }) =>
    sink.count('oauth_ratchet.authentications.failed', { of: 'user', throttled: String(throttled) }),
  )
  on('token.import_refused', ({ reason }) => sink.count('oauth_ratchet.tokens.import_refused', { reason }))
  on('token.unknown_key', ({ kind }) => sink.count('oauth_ratchet.tokens.unknown_key', { kind }))
  return () => {
    for (const one of undo) one()
  }
}

function durations(sink: MetricSink, labels: ClientLabels): Instrumentation {
  return {
    request: async ({ endpoint }, run) => {
      const began = performance.now()
      const { error = 'ok', clientId, grantType = 'none' } = await run()
      const client = labels.of(clientId)
      sink.count('oauth_ratchet.requests', { endpoint, grant_type: grantType, client, outcome: error })
      sink.observe('oauth_ratchet.request.duration', secondsSince(began), { endpoint, grant_type: grantType })
    },
    storage: async ({ operation }, run) => {
      const began = performance.now()
      const { ok } = await run()
      sink.observe('oauth_ratchet.storage.duration', secondsSince(began), {
        operation,
        outcome: ok ? 'ok' : 'failed',
      })
    },
  }
}

function secondsSince(began: number): number {
  return (performance.now() - began) / 1000
}
