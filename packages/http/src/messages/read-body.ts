import type { IncomingMessage } from 'node:http'

/** What became of reading a request's body. */
export type BodyRead =
  | { readonly outcome: 'read'; readonly bytes: Uint8Array }
  | { readonly outcome: 'too_large'; readonly drained: boolean }
  | { readonly outcome: 'aborted' }

/** Bytes that a body may have. A token request is a few hundred, an authorization request at most 8 kB. */
export const maxBodyBytes = 16 * 1024

// Up to here an oversized body is read to its end and thrown away, so that the sender gets to read the answer and the
// connection can go on. Beyond it the sender is cut off.
const maxDrainedBytes = 1024 * 1024

/**
 * Reads a request's raw body. Never rejects and never hangs: a client that goes away in the middle is the outcome
 * `aborted`, and a stream that somebody else has read to its end gives no bytes.
 */
export function readBody(req: IncomingMessage): Promise<BodyRead> {
  if (req.readableEnded) return Promise.resolve({ outcome: 'read', bytes: new Uint8Array(0) })
  if (req.destroyed) return Promise.resolve({ outcome: 'aborted' })
  if (Number(req.headers['content-length'] ?? 0) > maxDrainedBytes) {
    return Promise.resolve({ outcome: 'too_large', drained: false })
  }
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let length = 0
    let ended = false
    const onData = (data: Buffer | string): void => {
      // Strings come where something before us has called `req.setEncoding`.
      const chunk = typeof data === 'string' ? Buffer.from(data) : data
      length += chunk.length
      if (length <= maxBodyBytes) chunks.push(chunk)
      else if (length > maxDrainedBytes) {
        req.off('data', onData)
        resolve({ outcome: 'too_large', drained: false })
      }
    }
    const onEnd = (): void => {
      ended = true
      if (length > maxBodyBytes) return resolve({ outcome: 'too_large', drained: true })
      const [first = Buffer.alloc(0), ...others] = chunks
      resolve({ outcome: 'read', bytes: others.length === 0 ? first : Buffer.concat(chunks) })
    }
    // The listeners stay, and go with the request: an `error` without one would end the process. To resolve once more
    // would change nothing, and take longer than to look.
    const onGone = (): void => {
      if (!ended) resolve({ outcome: 'aborted' })
    }
    req.on('error', onGone)
    req.on('data', onData).on('end', onEnd).on('close', onGone)
    // A listener starts a stream, but for one that a middleware has paused.
    if (req.readableFlowing === false) req.resume()
  })
}
