import type { Request } from 'express'

/** The path of a request below the place where its router is mounted: `req.path`, found without taking the URL apart. */
export function pathBelow(req: Request): string {
  const { url } = req
  // `POST http://host/oauth/token`, which proxies may send, and a server must take (RFC 9112 §3.2.2).
  if (!url.startsWith('/')) return req.path
  const question = url.indexOf('?')
  return question < 0 ? url : url.slice(0, question)
}
