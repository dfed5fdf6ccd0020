/**
 * Whether a text that came with a request may stand in an error, a log line or an event: one short word of letters and
 * separators. Whatever is in the wrong parameter of a mistaken request, such a word is no token, key or random secret.
 */
export function isQuotable(text: string): boolean {
  return /^[A-Za-z][A-Za-z_.:/-]{0,39}$/.test(text)
}
