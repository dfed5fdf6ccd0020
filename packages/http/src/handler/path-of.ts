import type { IncomingMessage } from 'node:http'

/**
 * The path of a request as it came: with what Connect and its like have taken off `url` where they mount a handler.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-3.2
 */
export function pathOf(req: IncomingMessage): string {
  const url = (req as { originalUrl?: string }).originalUrl ?? req.url ?? ''
  // `GET http://host/path`, which proxies may send, and a server must take.
  if (!url.startsWith('/')) return URL.canParse(url) ? new URL(url).pathname : ''
  const question = url.indexOf('?')
  return question < 0 ? url : url.slice(0, question)
}
