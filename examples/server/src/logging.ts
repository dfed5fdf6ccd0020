import { randomUUID } from 'node:crypto'
import { describeFault } from '@oauth-ratchet/core'
import type { AuthorizationServer } from '@oauth-ratchet/core'
import type { Request, RequestHandler } from 'express'
import { pino, stdTimeFunctions } from 'pino'
import type { DestinationStream, Logger } from 'pino'

/**
 * Structured logs, on stderr: what is printed at start for people, demo secrets among it, goes to stdout and stays out
 * of them. Nothing that can be presented is logged: no query strings, bodies or headers.
 */
export function createLogger(
  destination: DestinationStream = pino.destination({ fd: 2, sync: true }),
): Logger {
  return pino(
    {
      base: { pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      // Pino's own writes every member of an error; drivers keep commands on theirs, passwords among the arguments.
      serializers: { err: describeFault },
    },
    destination,
  )
}

/** One line a request, when it has been answered. Its id is in the events of the request too. */
export function logRequests(logger: Logger): RequestHandler {
  return (req, res, next) => {
    const startedAt = performance.now()
    const requestId = randomUUID()
    Object.assign(req, { id: requestId })
    res.once('close', () => {
      logger.info(
        {
          requestId,
          method: req.method,
          path: loggablePath(req),
          status: res.statusCode,
          ms: Math.round((performance.now() - startedAt) * 10) / 10,
          ...(!res.writableFinished && { aborted: true }),
        },
        'request',
      )
    })
    next()
  }
}

/** What happens to grants, in the words of the server's events; whose they are is for `server.grants.get` to tell. */
export function logEvents(server: AuthorizationServer, logger: Logger): void {
  server
    .on('grant.issued', ({ requestId, grantId, clientId }) =>
      logger.info({ requestId, grantId, clientId }, 'grant.issued'),
    )
    .on('grant.repeated', ({ requestId, grantId, clientId, generation, ageMs }) =>
      logger.info({ requestId, grantId, clientId, generation, ageMs }, 'grant.repeated'),
    )
    .on('grant.revoked', ({ requestId, grantId, clientId, reason, by }) =>
      logger.info({ requestId, grantId, clientId, reason, by }, 'grant.revoked'),
    )
    .on('grant.reuse_detected', (event) =>
      logger.warn(
        {
          ...event,
          turnedAt: new Date(event.turnedAt).toISOString(),
          at: undefined,
          subject: undefined,
          metadata: undefined,
        },
        'grant.reuse_detected',
      ),
    )
    .on('client.changed', ({ requestId, clientId, change, by }) =>
      logger.info({ requestId, clientId, change, by }, 'client.changed'),
    )
    // Without the client's id: it is what somebody typed, and may be anything.
    .on('client.authentication_failed', ({ requestId, reason, remoteAddress, throttled }) =>
      logger.warn({ requestId, reason, remoteAddress, throttled }, 'client.authentication_failed'),
    )
    .on('user.authentication_failed', ({ requestId, clientId, remoteAddress, throttled }) =>
      logger.warn({ requestId, clientId, remoteAddress, throttled }, 'user.authentication_failed'),
    )
    .on('token.import_refused', ({ requestId, clientId, reason, remoteAddress }) =>
      logger.warn({ requestId, clientId, reason, remoteAddress }, 'token.import_refused'),
    )
    .on('token.unknown_key', ({ requestId, kind, keyId }) =>
      logger.warn({ requestId, kind, keyId }, 'token.unknown_key'),
    )
    .on('request.failed', ({ requestId, phase, error }) =>
      logger.error({ requestId, phase, err: error }, 'request.failed'),
    )
}

// A segment as long as a token may be one, of a client that puts it where it does not belong.
function loggablePath(req: Request): string {
  const path = req.originalUrl.split('?', 1)[0] ?? ''
  return path.replaceAll(/[^/]{41,}/g, '…').slice(0, 200)
}
