import { Throttle } from '@oauth-ratchet/core'
import type { AuthorizationEndpoint, AuthorizationServer } from '@oauth-ratchet/core'
import type { SessionsRouterOptions, SignInCallback } from '@oauth-ratchet/express'
import express, { Router } from 'express'
import type { Request, Response } from 'express'
import { markup } from './markup.js'
import { sendPage } from './page.js'
import { formToken, isOwnForm, sessionIn, signIn, signOut } from './session.js'
import type { EndedSessions } from './session.js'
import { checkPassword } from './users.js'

export interface SignInContext {
  readonly server: AuthorizationServer
  readonly ended: EndedSessions
  readonly prefix: string
  readonly now: () => number
}

/** Ten wrong passwords a minute for one user from one address, and a hundred from the address. */
const guesses = { attempts: 10, windowMs: 60_000 }

/** Tells the authorization endpoint who is signed in, or sends the browser to the sign-in page. */
export function signInCallback({ ended, prefix }: SignInContext): SignInCallback {
  return async (req, res, request) => {
    const user = request.mustReauthenticate ? undefined : await ended.liveSessionIn(req)
    if (user !== undefined) {
      const { subject, authTime, id: session } = user
      return { subject, name: subject, authTime, amr: ['pwd'], session }
    }
    if (request.prompt.includes('none')) return undefined
    res.redirect(303, `${prefix}/sign-in?return_to=${encodeURIComponent(request.returnTo)}`)
    return undefined
  }
}

/** Says whose sessions `/account/sessions` shows, or sends the browser to the sign-in page. */
export function accountUser({ ended, prefix }: SignInContext): NonNullable<SessionsRouterOptions['user']> {
  return async (req, res) => {
    const user = await ended.liveSessionIn(req)
    if (user !== undefined) return { subject: user.subject, name: user.subject, session: user.id }
    if (req.accepts('json', 'html') === 'html') {
      res.redirect(303, `${prefix}/sign-in?return_to=${encodeURIComponent(`${prefix}/account/sessions`)}`)
    }
    return undefined
  }
}

/** The pages `/sign-in` and `/sign-out`. */
export function signInRouter(context: SignInContext): Router {
  const { server, ended, prefix, now } = context
  const endpoint = server.endpoints.authorization()
  const throttle = new Throttle({ ...guesses, now })
  const router = Router()
  const form = express.urlencoded({ extended: false, limit: '16kb' })

  router.get('/sign-in', async (req, res) => {
    await sendSignInPage(req, res, { context, endpoint, returnTo: textOf(req.query['return_to']) })
  })

  router.post('/sign-in', form, async (req, res) => {
    const { username, password, returnTo, token } = readForm(req)
    const page = { context, endpoint, returnTo, username }
    if (!isOwnForm(req, token)) {
      return sendSignInPage(req, res, {
        ...page,
        status: 403,
        problem: 'That form was too old. Please try again.',
      })
    }
    const subject = throttle.isOver(username, req.ip) ? undefined : await checkPassword(username, password)
    // Checked again: guesses that arrive together all pass the first check, before any of them has failed.
    if (throttle.isOver(username, req.ip)) {
      res.set('retry-after', String(throttle.error(username, req.ip).retryAfter ?? 1))
      return sendSignInPage(req, res, {
        ...page,
        status: 429,
        problem: 'Too many wrong passwords. Wait a minute before you try again.',
      })
    }
    if (subject === undefined) {
      throttle.fail(username, req.ip)
      return sendSignInPage(req, res, {
        ...page,
        status: 403,
        problem: 'The user name or the password is wrong.',
      })
    }
    signIn(req, subject, await ended.liveSessionIn(req), now())
    const destination = await destinationOf(page, returnTo)
    return res.redirect(303, destination?.path ?? `${prefix}/`)
  })

  router.post('/sign-out', form, async (req, res) => {
    const { token } = readForm(req)
    if (!isOwnForm(req, token)) {
      const content = markup`<p>That form was too old. <a href="${prefix}/">Go back</a> and try again.</p>`
      return sendPage(res, { status: 403, title: 'You are still signed in', shape: 'form', content, prefix })
    }
    // Also one that has ended: the sign-out before this one may have stopped halfway.
    const user = sessionIn(req, now())
    if (user !== undefined) {
      // First no new grants, then an end to those there are; if either fails the user sees an error, and stays signed in.
      await ended.end(user.id)
      await server.grants.revokeAll({ subject: user.subject, session: user.id })
    }
    signOut(req)
    return res.redirect(303, `${prefix}/`)
  })
  return router
}

interface SignInPage {
  readonly context: SignInContext
  readonly endpoint: AuthorizationEndpoint
  readonly returnTo: string
  readonly username?: string
  readonly status?: number
  readonly problem?: string
}

async function sendSignInPage(req: Request, res: Response, page: SignInPage): Promise<void> {
  const { context, endpoint, returnTo, status = 200, problem } = page
  const { prefix } = context
  const destination = await destinationOf({ context, endpoint }, returnTo)
  const username = page.username ?? destination?.loginHint ?? ''
  sendPage(res, {
    status,
    title: 'Sign in',
    shape: 'form',
    prefix,
    content: markup`${destination?.client && markup`<p>To continue to <strong>${destination.client}</strong></p>`}
${problem === undefined ? undefined : markup`<p class="wrong" role="alert">${problem}</p>`}
<form method="post" action="${prefix}/sign-in">
<input type="hidden" name="form_token" value="${formToken(req)}">
<input type="hidden" name="return_to" value="${destination?.path}">
<label for="username">User name</label>
<input id="username" name="username" value="${username}" autocomplete="username" autocapitalize="none" required ${username === '' ? 'autofocus' : ''}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required ${username === '' ? '' : 'autofocus'}>
<button>Sign in</button>
</form>
<p class="quiet">This is a demo. Its users are alice (wonderland) and bob (builder).</p>`,
  })
}

interface Destination {
  readonly path: string
  /** Undefined for a page of the example's own. */
  readonly client: string | undefined
  readonly loginHint: string | undefined
}

/**
 * Where to go after signing in: to the page of sessions, or back to the authorization endpoint with a request that it
 * accepts. Undefined for anything else, so that a link cannot make the sign-in an open redirect.
 */
async function destinationOf(
  { context, endpoint }: Pick<SignInPage, 'context' | 'endpoint'>,
  returnTo: string,
): Promise<Destination | undefined> {
  const { server, prefix } = context
  if (returnTo === `${prefix}/account/sessions`)
    return { path: returnTo, client: undefined, loginHint: undefined }
  const authorize = `${new URL(server.settings.endpointUrl('authorize')).pathname}?`
  if (!returnTo.startsWith(authorize)) return undefined
  try {
    const request = { method: 'GET', headers: {}, query: returnTo.slice(authorize.length) }
    const { client, loginHint } = await endpoint.begin(request)
    return { path: returnTo, client: client.metadata.client_name ?? client.id, loginHint }
  } catch {
    return undefined
  }
}

function readForm(req: Request) {
  const body = (req.body ?? {}) as Record<string, unknown>
  return {
    username: textOf(body['username']).slice(0, 255),
    password: textOf(body['password']),
    returnTo: textOf(body['return_to']),
    token: textOf(body['form_token']),
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
