import { ConfigurationError } from '../faults/errors.js'

/** @throws ConfigurationError `issuer.invalid`, `issuer.insecure` */
export function checkIssuer(issuer: unknown): string {
  if (typeof issuer === 'string' && lacksScheme(issuer)) {
    throw new ConfigurationError(
      'issuer.invalid',
      `issuer ${JSON.stringify(issuer)} lacks a scheme: https:// in front of it, or http:// for a loopback address.`,
    )
  }
  if (typeof issuer !== 'string' || !/^[a-z]+:\/\/[^/]/i.test(issuer) || !URL.canParse(issuer)) {
    throw new ConfigurationError(
      'issuer.invalid',
      'issuer must be an absolute URL like https://auth.example.com.',
    )
  }
  const url = new URL(issuer)
  if (/[?#]/.test(issuer) || url.username !== '' || url.password !== '') {
    throw new ConfigurationError(
      'issuer.invalid',
      'issuer must have no query, fragment or user information (RFC 8414 §2).',
    )
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopbackHost(url.hostname))) {
    throw new ConfigurationError(
      'issuer.insecure',
      `issuer ${issuer} must use https: tokens and codes would cross the network readable. http is for loopback addresses only.`,
    )
  }
  // It goes into headers and quoted strings as it is: what a file's last line break leaves is not part of a URL.
  if (!/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(issuer)) {
    throw new ConfigurationError(
      'issuer.invalid',
      `issuer ${JSON.stringify(issuer)} has characters that a URL cannot have: spaces, line breaks, quotes, or letters outside ASCII.`,
    )
  }
  return issuer
}

/** @throws ConfigurationError `basePath.invalid` */
export function checkBasePath(basePath: unknown): string {
  if (typeof basePath !== 'string' || !/^(\/[\w.~-]+)*$/.test(basePath)) {
    throw new ConfigurationError(
      'basePath.invalid',
      "basePath must be like '/oauth', without a slash at the end, or ''.",
    )
  }
  return basePath
}

/**
 * Whether it is a host, with or without a port and a path, that stands where a URL should: `localhost:3000` would be
 * read as a URL of the scheme `localhost`.
 */
export function lacksScheme(text: string): boolean {
  return /^(\/\/)?([\w-]+(\.[\w-]+)*|\[[\da-f:.]+\])(:\d{1,5})?(\/|$)/i.test(text)
}

export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
}
