import type { AuthorizationServer } from '@oauth-ratchet/core'
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Tracer } from '@opentelemetry/api'

/**
 * A span for each request, and below it one for each of its storage calls. The request's is a child of whatever is active,
 * such as the span of an HTTP server.
 *
 * @returns stops it
 */
export function traceRequests(server: AuthorizationServer, tracer: Tracer): () => void {
  return server.instrument({
    request({ endpoint }, run) {
      const span = tracer.startSpan(`oauth ${endpoint}`, {
        kind: SpanKind.INTERNAL,
        attributes: { 'oauth_ratchet.endpoint': endpoint },
      })
      return context.with(trace.setSpan(context.active(), span), async () => {
        const { status, error, clientId, grantType, requestId } = await run()
        span.setAttribute('oauth_ratchet.request_id', requestId)
        span.setAttribute('oauth_ratchet.outcome', error ?? 'ok')
        if (grantType !== undefined) span.setAttribute('oauth_ratchet.grant_type', grantType)
        if (clientId !== undefined) span.setAttribute('oauth_ratchet.client_id', clientId)
        if (grantType !== undefined) span.updateName(`oauth ${endpoint} ${grantType}`)
        // What a client does wrong is no error of this server's.
        if (status >= 500 && error !== undefined) {
          span.setAttribute('error.type', error)
          span.setStatus({ code: SpanStatusCode.ERROR })
        }
        span.end()
      })
    },
    storage({ operation }, run) {
      const span = tracer.startSpan(`storage ${operation}`, {
        kind: SpanKind.CLIENT,
        attributes: { 'oauth_ratchet.storage.operation': operation },
      })
      return context.with(trace.setSpan(context.active(), span), async () => {
        const { ok } = await run()
        if (!ok) span.setStatus({ code: SpanStatusCode.ERROR })
        span.end()
      })
    },
  })
}
