import { OAuthError } from '@oauth-ratchet/core'
import type { Auth, AuthorizationServer } from '@oauth-ratchet/core'
import { getAuth, oauthErrorHandler, requireToken } from '@oauth-ratchet/express'
import express, { Router } from 'express'
import type { ErrorRequestHandler, RequestHandler } from 'express'
import type { Logger } from 'pino'
import { Notes } from './notes.js'

const longestText = 1000

/** The API that the tokens are for. All it answers is JSON; pages of other origins may not read it. */
export function apiRouter(server: AuthorizationServer, logger: Logger, now: () => number): Router {
  const notes = new Notes()
  const router = Router()

  router
    .route('/me')
    .get(requireToken(server), (req, res) => {
      const auth = getAuth(req)
      res.json({ sub: subjectOf(auth), client_id: auth.clientId, scope: auth.scope.join(' ') })
    })
    .all(only('GET, HEAD'))

  router
    .route('/notes')
    .get(requireToken(server, { scope: 'notes:read' }), (req, res) => {
      res.json({ notes: notes.list(ownerOf(getAuth(req))) })
    })
    .post(requireToken(server, { scope: 'notes:write' }), express.json({ limit: '16kb' }), (req, res) => {
      res.status(201).json(notes.add(ownerOf(getAuth(req)), readText(req.body), now()))
    })
    .all(only('GET, HEAD, POST'))

  router.use((_req, res) => {
    res.status(404).json({ error: 'not_found', error_description: 'There is nothing here.' })
  })
  router.use(oauthErrorHandler())
  router.use(jsonErrors(logger))
  return router
}

/** Where no user is involved the client stands for itself, as in introspection and JWT access tokens. */
function subjectOf(auth: Auth): string {
  return auth.subject ?? auth.clientId
}

// A client's id may be a user's name too.
function ownerOf(auth: Auth): string {
  return `${auth.subject === undefined ? 'client' : 'user'} ${subjectOf(auth)}`
}

function readText(body: unknown): string {
  const text: unknown = typeof body === 'object' && body !== null && 'text' in body ? body.text : undefined
  if (typeof text !== 'string' || text.trim() === '' || text.length > longestText) {
    throw new OAuthError(
      'invalid_request',
      `Send JSON with a member text that is a string of 1 to ${longestText} characters.`,
    )
  }
  return text
}

function only(methods: string): RequestHandler {
  return (_req, res) => {
    res
      .status(405)
      .set('allow', methods)
      .json({ error: 'invalid_request', error_description: `Use ${methods}.` })
  }
}

/** What the body parser refuses, and faults of our own. */
function jsonErrors(logger: Logger): ErrorRequestHandler {
  return (error: unknown, _req, res, next) => {
    if (res.headersSent) return next(error)
    const status = statusOf(error)
    if (status < 500) {
      return void res
        .status(status)
        .json({ error: 'invalid_request', error_description: 'The body is no JSON that can be read.' })
    }
    logger.error({ err: error }, 'request failed')
    res.status(500).json({ error: 'server_error', error_description: 'The server failed.' })
  }
}

/** The 4xx status that an error of a body parser has; 500 for any other. */
export function statusOf(error: unknown): number {
  const status: unknown = error instanceof Error && 'status' in error ? error.status : undefined
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500
}
