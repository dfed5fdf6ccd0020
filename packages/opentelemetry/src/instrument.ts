import type { AuthorizationServer } from '@oauth-ratchet/core'
import { createNoopMeter, metrics, ProxyTracerProvider, trace } from '@opentelemetry/api'
import type { Counter, Histogram, Meter, Tracer } from '@opentelemetry/api'
import { durationBounds, metricDefinitions } from './metric-definitions.js'
import type { MetricName } from './metric-definitions.js'
import { recordMetrics } from './record-metrics.js'
import type { MetricOptions } from './record-metrics.js'
import { traceRequests } from './trace-requests.js'

export interface InstrumentOptions extends MetricOptions {
  /** Default: that of the registered SDK; where none is, nothing is traced. */
  readonly tracer?: Tracer | undefined
  /** Default: that of the registered SDK; where none is, nothing is measured. */
  readonly meter?: Meter | undefined
}

const scope = '@oauth-ratchet/opentelemetry'

/**
 * Traces and measures a server through `@opentelemetry/api`. Call it after the SDK has been registered: where there is none
 * by then it leaves the server alone, so that it costs nothing.
 *
 * @returns stops it
 */
export function instrument(server: AuthorizationServer, options: InstrumentOptions = {}): () => void {
  const tracer = options.tracer ?? (hasTracing() ? trace.getTracer(scope) : undefined)
  const meter = options.meter ?? (hasMetrics() ? metrics.getMeter(scope) : undefined)
  const undo = [tracer && traceRequests(server, tracer), meter && measure(server, meter, options)]
  return () => {
    for (const one of undo) one?.()
  }
}

function measure(server: AuthorizationServer, meter: Meter, options: MetricOptions): () => void {
  const counters = new Map<string, Counter>()
  const histograms = new Map<string, Histogram>()
  for (const [name, { kind, description }] of Object.entries(metricDefinitions)) {
    if (kind === 'counter') counters.set(name, meter.createCounter(name, { description }))
    else {
      const advice = { explicitBucketBoundaries: durationBounds }
      histograms.set(name, meter.createHistogram(name, { description, unit: 's', advice }))
    }
  }
  return recordMetrics(
    server,
    {
      count: (name: MetricName, labels) => counters.get(name)?.add(1, labels),
      observe: (name: MetricName, seconds, labels) => histograms.get(name)?.record(seconds, labels),
    },
    options,
  )
}

// The API has no question for it. Without an SDK the global provider hands on to the same one that a new proxy does.
function hasTracing(): boolean {
  const provider = trace.getTracerProvider()
  const nothing = new ProxyTracerProvider().getDelegate()
  return (provider instanceof ProxyTracerProvider ? provider.getDelegate() : provider) !== nothing
}

function hasMetrics(): boolean {
  return !(metrics.getMeter(scope) instanceof createNoopMeter().constructor)
}
