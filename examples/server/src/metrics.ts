import { createHash, timingSafeEqual } from 'node:crypto'
import {
  durationBounds,
  metricDefinitions,
  prometheusName,
  recordMetrics,
} from '@oauth-ratchet/opentelemetry'
import type { MetricDefinition, MetricName } from '@oauth-ratchet/opentelemetry'
import type { AuthorizationServer } from '@oauth-ratchet/core'
import type { Request, RequestHandler } from 'express'
import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client'
import { isLoopback } from './settings.js'

/**
 * A registry of prom-client with the metrics of a server and Node's own of the process, under the names that
 * OpenTelemetry's Prometheus exporters give them.
 */
export function metricsOf(server: AuthorizationServer, clients: readonly string[]): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const counters = new Map<string, Counter>()
  const histograms = new Map<string, Histogram>()
  for (const [key, definition] of Object.entries<MetricDefinition>(metricDefinitions)) {
    const name = prometheusName(key as MetricName)
    const options = {
      name,
      help: definition.description,
      labelNames: [...definition.labels],
      registers: [registry],
    }
    if (definition.kind === 'counter') counters.set(key, new Counter(options))
    else histograms.set(key, new Histogram({ ...options, buckets: durationBounds }))
  }
  recordMetrics(
    server,
    {
      count: (name, labels) => counters.get(name)?.inc(labels),
      observe: (name, seconds, labels) => histograms.get(name)?.observe(labels, seconds),
    },
    { clients },
  )
  return registry
}

/**
 * `GET /metrics`, for a scraper that shows the token. Without a token for programs on this machine only, and not where
 * something in front ends TLS, since then the whole world comes from this machine. Metrics tell who guesses at what, how
 * many users there are and which clients: nobody else's business.
 */
export function metricsRoute(
  registry: Registry,
  { token, issuer }: { readonly token: string | undefined; readonly issuer: string },
): RequestHandler {
  return async (req, res) => {
    const allowed = token === undefined ? isLocal(req, issuer) : showsToken(req, token)
    res.set('cache-control', 'no-store')
    if (!allowed) {
      if (token !== undefined) res.set('www-authenticate', 'Bearer realm="metrics"')
      res
        .status(token === undefined ? 403 : 401)
        .type('text')
        .send('METRICS_TOKEN says who may read this.\n')
      return
    }
    res.type(registry.contentType).send(await registry.metrics())
  }
}

// Not `req.ip`: whoever sends `X-Forwarded-For` would choose it. And a page elsewhere whose name was made to lead here
// comes with that name as its Host.
function isLocal(req: Request, issuer: string): boolean {
  const { remoteAddress = '' } = req.socket
  const { 'x-forwarded-for': forwardedFor, forwarded, host = '' } = req.headers
  const name = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : ''
  return (
    issuer.startsWith('http:') &&
    forwardedFor === undefined &&
    forwarded === undefined &&
    isLoopback(remoteAddress.replace(/^::ffff:/, '')) &&
    isLoopback(name.replace(/^\[(.*)\]$/, '$1'))
  )
}

function showsToken(req: Request, token: string): boolean {
  const shown = /^Bearer (.+)$/i.exec(req.headers.authorization ?? '')?.[1] ?? ''
  return timingSafeEqual(digest(shown), digest(token))
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
