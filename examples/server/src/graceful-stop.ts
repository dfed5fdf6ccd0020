import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

export interface StopLimits {
  /** Milliseconds after which connections on which no request has come are closed. */
  readonly silent: number
  /** Milliseconds after which the rest is cut off. */
  readonly all: number
}

/**
 * Makes a server stop gracefully: no new connections, every request in flight is answered, and each connection ends with
 * its answer. Node's own `close` waits for as long as clients keep theirs open, a browser's spare ones too.
 *
 * @returns stops the server; true if all requests were answered, false if some had to be cut off
 */
export function gracefulStop(
  server: Server,
  limits: StopLimits = { silent: 1000, all: 10_000 },
): () => Promise<boolean> {
  const inFlight = new Map<Socket, Set<ServerResponse>>()
  let stopping = false
  server.on('connection', (socket: Socket) => {
    inFlight.set(socket, new Set())
    socket.once('close', () => inFlight.delete(socket))
  })
  server.prependListener('request', ({ socket }: IncomingMessage, res: ServerResponse) => {
    inFlight.get(socket)?.add(res)
    if (stopping) res.setHeader('connection', 'close')
    res.once('close', () => inFlight.get(socket)?.delete(res))
  })

  return async () => {
    stopping = true
    let complete = true
    const closed = new Promise<void>((resolve) => void server.close(() => resolve()))
    for (const responses of inFlight.values()) {
      for (const res of responses) if (!res.headersSent) res.setHeader('connection', 'close')
    }
    // An answer whose headers had gone out already leaves its connection open.
    const idle = setInterval(() => server.closeIdleConnections(), 50)
    const silent = setTimeout(() => {
      for (const [socket, responses] of inFlight) if (responses.size === 0) socket.destroy()
    }, limits.silent)
    const all = setTimeout(() => {
      complete = false
      server.closeAllConnections()
    }, limits.all)
    await closed
    clearInterval(idle)
    clearTimeout(silent)
    clearTimeout(all)
    return complete
  }
}
