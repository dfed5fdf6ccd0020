/** Whether a body is a stream, of the web's kind or of Node's, which is gone once it has been sent. */
export function isReadOnce(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false
  return 'getReader' in body || 'pipe' in body || Symbol.asyncIterator in body
}
