/** Whether a body is a stream, of the web's kind or of Node's, which is gone once it has been sent. */
export function isReadOnce(body: unknown): boolean {
  const given = Object(body) as object
  return 'getReader' in given || 'pipe' in given || Symbol.asyncIterator in given
}
