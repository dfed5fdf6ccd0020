/** One metric: its name in OpenTelemetry, and the names of its attributes. */
export interface MetricDefinition {
  readonly kind: 'counter' | 'histogram'
  readonly description: string
  /** Of histograms: seconds. */
  readonly unit?: 's'
  readonly labels: readonly string[]
}

/**
 * Every metric there is. For Prometheus the dots are underscores, a counter ends in `_total` and a histogram in
 * `_seconds`: see {@link prometheusName}.
 */
export const metricDefinitions = {
  'oauth_ratchet.requests': {
    kind: 'counter',
    description: 'Requests by endpoint, grant type, client and outcome: ok, or the OAuth error code',
    labels: ['endpoint', 'grant_type', 'client', 'outcome'],
  },
  'oauth_ratchet.request.duration': {
    kind: 'histogram',
    unit: 's',
    description: 'Time from the read request to its answer',
    labels: ['endpoint', 'grant_type'],
  },
  'oauth_ratchet.storage.duration': {
    kind: 'histogram',
    unit: 's',
    description: 'Time of one storage call, as the server waits for it',
    labels: ['operation', 'outcome'],
  },
  'oauth_ratchet.sessions.begun': {
    kind: 'counter',
    description: 'Grants that came to life',
    labels: ['client'],
  },
  'oauth_ratchet.sessions.ended': {
    kind: 'counter',
    description: 'Grants that were ended, by reason; not those that expire',
    labels: ['client', 'reason'],
  },
  'oauth_ratchet.refreshes.repeated': {
    kind: 'counter',
    description: 'Refreshes that were answered once more with the same successor',
    labels: ['client'],
  },
  'oauth_ratchet.reuse': {
    kind: 'counter',
    description: 'Spent tokens and codes that came back, by probable cause',
    labels: ['client', 'reason', 'cause', 'observed'],
  },
  'oauth_ratchet.authentications.failed': {
    kind: 'counter',
    description: 'Failed authentications of clients and users, and those that were throttled',
    labels: ['of', 'throttled'],
  },
  'oauth_ratchet.tokens.import_refused': {
    kind: 'counter',
    description: 'Refresh tokens from before that were not imported',
    labels: ['reason'],
  },
  'oauth_ratchet.tokens.unknown_key': {
    kind: 'counter',
    description: 'Tokens under a key that no secret has',
    labels: ['kind'],
  },
} as const satisfies Record<string, MetricDefinition>

export type MetricName = keyof typeof metricDefinitions

/** Bounds of the histograms, in seconds: a storage call takes a fraction of a millisecond, an outage some seconds. */
export const durationBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

/** The name of a metric in Prometheus, as OpenTelemetry's exporters make it. */
export function prometheusName(name: MetricName): string {
  const suffix = metricDefinitions[name].kind === 'counter' ? '_total' : '_seconds'
  return `${name.replaceAll('.', '_')}${suffix}`
}
