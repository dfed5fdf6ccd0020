import type { ServerResponse } from 'node:http'

/** What a handler without a `next` answers to what is not for it. */
export function notFound(res: ServerResponse): void {
  res.writeHead(404, { 'content-type': 'text/plain', 'x-content-type-options': 'nosniff' })
  res.end('Not found.')
}
