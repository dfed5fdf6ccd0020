/** User information of a URL, also where it was not encoded: all up to the line's last `@`. `file:///` has none. */
const userInformation = /\b([a-z][a-z\d+.-]*:\/\/)(?!\/)[^\n]*@/gi
/** Codes, refresh tokens and access tokens of this server, and JWTs. */
const tokens = /\b(?:or[cra]_[\w-]{16,}|eyJ[\w-]+\.[\w-]+\.[\w-]*)/g
const authorization = /\b(Basic|Bearer|DPoP)\s+[\w.~+/-]{16,}=*/gi
/** As in a query or form, or in JSON. */
const members =
  /\b((?:client_)?secret|password|passwd|pwd|refresh_token|access_token|code_verifier|client_assertion)(=|["']\s*:\s*["'])[^\s&"',;)]+/gi

/**
 * A text for people to read, without what can be presented: credentials in URLs (`redis://:password@host`), tokens, codes,
 * authorization headers, and values of parameters that are secret.
 */
export function withoutSecrets(text: string): string {
  return text
    .replaceAll(userInformation, '$1***@')
    .replaceAll(tokens, '***')
    .replaceAll(authorization, '$1 ***')
    .replaceAll(members, '$1$2***')
}
