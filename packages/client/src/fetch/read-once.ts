/** Whether a body is a stream, which is gone once it has been sent. */
export function isReadOnce(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false
  if (typeof ReadableStream !== 'undefined' && body instanceof ReadableStream) return true
  // Streams of Node; its FormData is one too where a library made it.
  return Symbol.asyncIterator in body || typeof (body as { pipe?: unknown }).pipe === 'function'
}
