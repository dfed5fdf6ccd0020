import type { ServerResponse } from 'node:http'

/**
 * Lets go of a promise that answers a request. What it rejects with, when all error handling has failed (a header that
 * Node refuses, a listener of the app's that throws), ends this one answer; without a catch Node would end the process.
 */
export function lastCatch(
  work: Promise<void>,
  res: ServerResponse,
  report: (error: unknown) => unknown,
): void {
  work.catch((error: unknown) => {
    try {
      endAnswer(res)
      report(error)
    } catch {
      res.destroy()
    }
  })
}

/** A bare 500 where nothing has been sent; half an answer is cut off, so that nobody takes it for a whole one. */
function endAnswer(res: ServerResponse): void {
  if (res.writableEnded) return
  if (res.headersSent) {
    res.destroy()
    return
  }
  try {
    for (const name of res.getHeaderNames()) res.removeHeader(name)
    res.writeHead(500, { 'content-type': 'text/plain', 'cache-control': 'no-store' })
    res.end('The server failed.')
  } catch {
    // Something has put itself in the way of every answer: cookies of a session that cannot be written, for one.
    res.destroy()
  }
}
