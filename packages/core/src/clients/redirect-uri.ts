import { lacksScheme, mayUseHttp } from '../options/issuer.js'
import type { Settings } from '../options/settings.js'

/** Schemes that a browser runs instead of visiting, or that reach no client. */
const dangerousSchemes = new Set(['javascript:', 'data:', 'vbscript:', 'file:', 'blob:', 'about:'])

/**
 * What is wrong with a redirect URI that somebody registers; undefined when nothing is.
 *
 * @param settings whether http is let onto private networks
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-3.1.2
 * @see https://www.rfc-editor.org/rfc/rfc8252#section-7
 */
export function checkRedirectUri(
  uri: string,
  settings: Pick<Settings, 'insecureRedirectUris'>,
): string | undefined {
  if (lacksScheme(uri)) return 'it lacks a scheme, such as https://.'
  let url: URL
  try {
    url = new URL(uri)
  } catch {
    return 'it is not an absolute URI.'
  }
  if (/[^\x21-\x7e]/.test(uri)) return 'it has characters that a URI cannot have; percent-encode them.'
  if (uri.includes('#')) return 'it has a fragment (RFC 6749 §3.1.2).'
  if (dangerousSchemes.has(url.protocol)) return `the scheme ${url.protocol} is not allowed.`
  if (url.username !== '' || url.password !== '') return 'it has user information.'
  if (url.protocol === 'http:' && !mayUseHttp(url, settings.insecureRedirectUris)) {
    return settings.insecureRedirectUris
      ? 'http is allowed for loopback addresses and private networks only; use https.'
      : 'http is allowed for loopback addresses only; use https.'
  }
  return undefined
}

/**
 * The registered URI that a requested one fits: by exact string (RFC 9700 §2.1), or but for the port of a loopback
 * IP address, which is the client's choice (RFC 8252 §7.3).
 *
 * @param localhostAnyPort also let the port of `http://localhost` and the names below it vary (what some native clients
 *   register)
 */
export function fitsRedirectUri(
  requested: string,
  registered: readonly string[],
  localhostAnyPort: boolean,
): boolean {
  if (registered.includes(requested)) return true
  const [stem, rest] = splitLoopbackPort(requested, localhostAnyPort) ?? []
  if (stem === undefined) return false
  return registered.some((uri) => {
    const other = splitLoopbackPort(uri, localhostAnyPort)
    return other !== undefined && other[0] === stem && other[1] === rest
  })
}

// Compared as text and not as parsed URLs, so that no normalisation makes two different strings one.
function splitLoopbackPort(uri: string, localhostAnyPort: boolean): [string, string] | undefined {
  const match =
    /^(http:\/\/(?:127\.0\.0\.1|\[::1\]|((?:[\w-]+\.)*localhost)))(?::\d{1,5})?(\/[^#\s]*)?$/.exec(uri)
  if (match === null || (match[2] !== undefined && !localhostAnyPort)) return undefined
  return [match[1] ?? '', match[3] ?? '']
}

/** The origin that a client's pages come from; undefined for schemes of native apps. */
export function redirectOrigin(uri: string): string | undefined {
  const url = new URL(uri)
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.origin : undefined
}

/**
 * Whether a page of this origin is the client's own. The port of a loopback IP address may vary here as it does for
 * redirect URIs; `null` is nobody's, since any sandboxed page can have it.
 */
export function isOwnOrigin(origin: string, origins: ReadonlySet<string>): boolean {
  if (origin === 'null') return false
  if (origins.has(origin)) return true
  const [stem] = splitLoopbackPort(origin, false) ?? []
  return stem !== undefined && [...origins].some((own) => splitLoopbackPort(own, false)?.[0] === stem)
}
