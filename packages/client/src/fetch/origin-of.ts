/**
 * The origin that a request to this URL goes to, with relative ones resolved as `fetch` does it; undefined for what has none:
 * no URL, or not http(s).
 */
export function originOf(url: string): string | undefined {
  const base = globalThis.document?.baseURI ?? globalThis.location?.href
  let origin
  try {
    origin = new URL(url, base).origin
  } catch {
    // React Native's own URL has no `origin`. What is not as plain as this gets no token there.
    origin = /^https?:\/\/[a-z\d.-]+(:\d+)?(?=[/?#]|$)/.exec(url)?.[0]
  }
  return /^https?:/.test(`${origin}`) ? origin : undefined
}
