/**
 * Base64url with one character in its middle changed, so that it decodes to other bytes whatever it was. The last
 * character would not do: it may be the new one already, or its change fall on bits that say nothing.
 */
export function tampered(text: string): string {
  const middle = text.length >> 1
  const changed = text.slice(0, middle) + (text[middle] === 'A' ? 'B' : 'A') + text.slice(middle + 1)
  if (Buffer.from(changed, 'base64url').equals(Buffer.from(text, 'base64url'))) {
    throw new Error(`There is nothing to tamper with in ${JSON.stringify(text)}.`)
  }
  return changed
}
