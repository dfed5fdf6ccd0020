import type { IncomingMessage, ServerResponse } from 'node:http'
import { misuse } from '../caller/caller.js'
import type { Caller } from '../caller/caller.js'
import type { Next } from '../messages/answer.js'
import { notFound } from './not-found.js'
import { pathOf } from './path-of.js'

/** Answers what is at its path and below it, and calls `next` for everything else; without one that is a 404. */
export type HandlerBelow<Req, Res> = (req: Req, res: Res, next?: Next) => void

/**
 * Gives requests at a path and below it to routes, and everything else to `next`; without one that is a 404.
 *
 * @param routes get the rest of the path, and answer false where nothing is there
 * @throws ConfigurationError `http.path` for an invalid path
 */
export function belowPath<Req extends IncomingMessage, Res extends ServerResponse>(
  caller: Caller,
  path: string,
  example: string,
  routes: (req: Req, res: Res, path: string) => boolean,
): HandlerBelow<Req, Res> {
  if (typeof path !== 'string' || !/^(\/[^/?#\s]+)+$/.test(path)) {
    throw misuse(caller, 'path', `${caller.maker}: path must be like '${example}'.`)
  }
  return (req, res, next) => {
    const asked = pathOf(req)
    const isBelow = asked === path || asked.startsWith(`${path}/`)
    if (isBelow && routes(req, res, asked.slice(path.length))) return
    if (next !== undefined) next()
    else notFound(res)
  }
}
