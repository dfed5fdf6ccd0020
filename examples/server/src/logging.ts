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

/** One line a request, when it has been answered. */
export function logRequests(logger: Logger): RequestHandler {
  return (req, res, next) => {
    const startedAt = performance.now()
    res.once('close', () => {
      logger.info(
        {
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
    .on('grant.issued', ({ grantId, clientId }) => logger.info({ grantId, clientId }, 'grant.issued'))
    .on('grant.repeated', ({ grantId, clientId, generation }) =>
      logger.info({ grantId, clientId, generation }, 'grant.repeated'),
    )
    .on('grant.revoked', ({ grantId, clientId, reason }) =>
      logger.info({ grantId, clientId, reason }, 'grant.revoked'),
    )
    .on('grant.reuse_detected', (event) => {
      const { grantId, clientId, reason, presentedGeneration, currentGeneration, remoteAddress } = event
      const turnedAt = new Date(event.turnedAt).toISOString()
      const evidence = { presentedGeneration, currentGeneration, turnedAt, remoteAddress }
      logger.warn({ grantId, clientId, reason, ...evidence }, 'grant.reuse_detected')
    })
    // Without the client's id: it is what somebody typed, and may be anything.
    .on('client.authentication_failed', ({ reason, remoteAddress, throttled }) =>
      logger.warn({ reason, remoteAddress, throttled }, 'client.authentication_failed'),
    )
    .on('token.unknown_key', ({ kind, keyId }) => logger.warn({ kind, keyId }, 'token.unknown_key'))
    .on('request.failed', ({ phase, error }) => logger.error({ phase, err: error }, 'request.failed'))
}

// A segment as long as a token may be one, of a client that puts it where it does not belong.
function loggablePath(req: Request): string {
  const path = req.originalUrl.split('?', 1)[0] ?? ''
  return path.replaceAll(/[^/]{41,}/g, '…').slice(0, 200)
}
