import { ConfigurationError } from '../faults/errors.js'
import { isPrivateNetworkHost } from './private-network.js'

/**
 * @param allowInsecure the option `allowInsecureIssuer`
 * @throws ConfigurationError `issuer.invalid`, `issuer.insecure`, `allowInsecureIssuer.invalid`
 */
export function checkIssuer(issuer: unknown, allowInsecure?: unknown): string {
  if (allowInsecure !== undefined && allowInsecure !== 'private-network') {
    throw new ConfigurationError(
      'allowInsecureIssuer.invalid',
      "allowInsecureIssuer must be 'private-network', or left out.",
    )
  }
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
  if (url.protocol !== 'https:' && !mayUseHttp(url, allowInsecure === 'private-network')) {
    const cure =
      allowInsecure === undefined
        ? "http is for loopback addresses only, and with allowInsecureIssuer: 'private-network' for development on a private network."
        : 'http is for loopback addresses and private networks only.'
    throw new ConfigurationError(
      'issuer.insecure',
      `issuer ${issuer} must use https: tokens and codes would cross the network readable. ${cure}`,
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

/** Whether plain http may be used for a URL: only with a host on this machine or, if allowed, on a private network. */
export function mayUseHttp(url: URL, onPrivateNetworks: boolean): boolean {
  if (url.protocol !== 'http:') return false
  return isLoopbackHost(url.hostname) || (onPrivateNetworks && isPrivateNetworkHost(url.hostname))
}

/**
 * Whether a host is this machine: an address of the loopback interface, `localhost`, or a name below it, which resolvers
 * and browsers answer themselves (RFC 6761 §6.3).
 *
 * @param hostname as `URL` has it: in lower case, an IPv6 address in brackets
 */
export function isLoopbackHost(hostname: string): boolean {
  return /^(?:.+\.)?localhost$/.test(hostname) || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
}

/** Says at the start that http is let onto private networks. */
export function warnOfInsecureIssuer(issuer: string): void {
  process.emitWarning(
    `allowInsecureIssuer is on, and the issuer is ${issuer}: http is accepted on private networks, for it and for redirect ` +
      'URIs, where passwords, codes and tokens can be read on the way. This is for development only.',
    { type: 'OAuthRatchetWarning', code: 'OAUTH_RATCHET_INSECURE_ISSUER' },
  )
}

/**
 * Whether it is a host, with or without a port and a path, that stands where a URL should: `localhost:3000` would be
 * read as a URL of the scheme `localhost`.
 */
export function lacksScheme(text: string): boolean {
  return /^(\/\/)?([\w-]+(\.[\w-]+)*|\[[\da-f:.]+\])(:\d{1,5})?(\/|$)/i.test(text)
}
