import { getRequestListener } from '@hono/node-server'
import type { HttpBindings } from '@hono/node-server'
import type { AuthorizationServer } from '@oauth-ratchet/core'
import { getAuth, oauthHandler, requireToken } from '@oauth-ratchet/http'
import type { SignInCallback } from '@oauth-ratchet/http'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import { createServer } from 'node:http'
import type { IncomingMessage, Server } from 'node:http'

/** The session of these apps: a cookie with the user's name, which their route `/login` sets. */
const signIn: SignInCallback = (req, res, { returnTo }) => {
  const user = /session=(\w+)/.exec(req.headers.cookie ?? '')?.[1]
  if (user !== undefined) return { subject: user }
  res.writeHead(303, { location: `/login?returnTo=${encodeURIComponent(returnTo)}` }).end()
  return undefined
}

const returnToOf = (url: string) => new URL(url, 'http://app').searchParams.get('returnTo') ?? '/'
const session = 'session=alice; Path=/; HttpOnly'

/**
 * The same app on each framework, behind the handler: `GET /login` signs in, `POST /echo` gives back the JSON that the
 * framework's own parser has read, `GET /notes` is guarded, and everything else is its own 404.
 */
export const mountedApps: Readonly<
  Record<string, (server: AuthorizationServer) => Server | Promise<Server>>
> = {
  'node:http': (server) => {
    const oauth = oauthHandler(server, { signIn })
    const guard = requireToken(server, { scope: 'read' })
    const app = (req: IncomingMessage, res: Parameters<typeof oauth>[1]): void => {
      const { method = '', url = '' } = req
      const json = (body: object) =>
        res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      if (url.startsWith('/login')) {
        res.writeHead(303, { location: returnToOf(url), 'set-cookie': session }).end()
      } else if (method === 'POST' && url === '/echo') {
        const chunks: Buffer[] = []
        req.on('data', (chunk: Buffer) => chunks.push(chunk))
        req.on('end', () => json(JSON.parse(Buffer.concat(chunks).toString()) as object))
      } else if (url === '/notes') {
        guard(req, res, () => json({ owner: getAuth(req).subject }))
      } else {
        res.writeHead(404).end('no such page of the app')
      }
    }
    return createServer((req, res) => oauth(req, res, () => app(req, res)))
  },

  Fastify: (server) => {
    const oauth = oauthHandler(server, { signIn })
    const fastify = Fastify({
      serverFactory: (app) => createServer((req, res) => oauth(req, res, () => app(req, res))),
    })
    return fastifyRoutes(fastify, server)
  },

  'Fastify, as a hook': (server) => {
    const oauth = oauthHandler(server, { signIn })
    const fastify = Fastify()
    fastify.addHook('onRequest', (request, reply, done) => oauth(request.raw, reply.raw, () => done()))
    return fastifyRoutes(fastify, server)
  },

  Koa: (server) => {
    const oauth = oauthHandler(server, { signIn })
    const app = koaRoutes(new Koa(), server).callback()
    return createServer((req, res) => oauth(req, res, () => void app(req, res)))
  },

  'Koa, as a middleware': (server) => {
    const oauth = oauthHandler(server, { signIn })
    const koa = new Koa()
    koa.use(async (ctx, next) => {
      const isForApp = await new Promise<boolean>((resolve) => {
        ctx.res.once('close', () => resolve(false))
        oauth(ctx.req, ctx.res, () => resolve(true))
      })
      if (isForApp) return next()
      ctx.respond = false
    })
    const app = koaRoutes(koa, server).callback()
    return createServer((req, res) => void app(req, res))
  },

  Hono: (server) => {
    const oauth = oauthHandler(server, { signIn })
    const guard = requireToken(server, { scope: 'read' })
    const hono = new Hono<{ Bindings: HttpBindings }>()
    hono.get('/login', (c) => {
      c.header('set-cookie', session)
      return c.redirect(returnToOf(c.req.url), 303)
    })
    hono.post('/echo', async (c) => c.json(await c.req.json()))
    hono.get('/notes', async (c) => {
      await guard.authenticate(c.env.incoming)
      return c.json({ owner: getAuth(c.env.incoming).subject })
    })
    hono.notFound((c) => c.text('no such page of the app', 404))
    hono.onError((error) => {
      const { status = 500, headers = {} } = error as { status?: number; headers?: Record<string, string> }
      return new Response(error.message, { status, headers: headers })
    })
    const app = getRequestListener(hono.fetch)
    return createServer((req, res) => oauth(req, res, () => void app(req, res)))
  },
}

async function fastifyRoutes(fastify: FastifyInstance, server: AuthorizationServer): Promise<Server> {
  const guard = requireToken(server, { scope: 'read' })
  fastify.get('/login', (request, reply) =>
    reply.header('set-cookie', session).redirect(returnToOf(request.url), 303),
  )
  fastify.post('/echo', (request) => request.body)
  fastify.get('/notes', async (request) => {
    await guard.authenticate(request.raw)
    return { owner: getAuth(request.raw).subject }
  })
  fastify.setNotFoundHandler((_request, reply) => reply.code(404).send('no such page of the app'))
  await fastify.ready()
  return fastify.server
}

function koaRoutes(koa: Koa, server: AuthorizationServer): Koa {
  const guard = requireToken(server, { scope: 'read' })
  koa.use(async (ctx) => {
    if (ctx.path === '/login') {
      ctx.set('set-cookie', session)
      ctx.redirect(returnToOf(ctx.url))
    } else if (ctx.method === 'POST' && ctx.path === '/echo') {
      ctx.body = JSON.parse(Buffer.concat((await ctx.req.toArray()) as Buffer[]).toString())
    } else if (ctx.path === '/notes') {
      await guard.authenticate(ctx.req)
      ctx.body = { owner: getAuth(ctx.req).subject }
    } else {
      ctx.status = 404
      ctx.body = 'no such page of the app'
    }
  })
  return koa
}
