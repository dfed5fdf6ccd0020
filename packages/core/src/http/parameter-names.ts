/** What the token, revocation and introspection endpoints read. Everything else is ignored (RFC 6749 §3.2). */
export const backChannelParameters: ReadonlySet<string> = new Set([
  'grant_type',
  'client_id',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
  'code',
  'code_verifier',
  'redirect_uri',
  'refresh_token',
  'scope',
  'username',
  'password',
  'token',
  'token_type_hint',
  'resource',
  'audience',
])

/** RFC 8707 §2 and RFC 8693 §2.1 let these be repeated; they are kept for the features that will read them. */
export const repeatableParameters: ReadonlySet<string> = new Set(['resource', 'audience'])

/** What a name in a request is. Only names that are known may be quoted: others can be whatever a client has sent. */
export type ParameterName =
  | { readonly kind: 'known'; readonly name: string }
  /** A form of a known name with brackets, which another parser would take for the parameter itself. */
  | { readonly kind: 'bracketed'; readonly name: string }
  /** A way to an object's prototype. */
  | { readonly kind: 'prototype' }
  | { readonly kind: 'unknown' }

/** @param known the names that the endpoint reads */
export function parameterName(name: string, known: ReadonlySet<string>): ParameterName {
  if (known.has(name)) return { kind: 'known', name }
  const parts = name.split(/[[\]]+/).filter((part) => part !== '')
  if (parts.includes('__proto__')) return { kind: 'prototype' }
  const [root = ''] = parts
  if (root === name) return { kind: 'unknown' }
  if (known.has(root)) return { kind: 'bracketed', name: root }
  return parts.some((part) => part === 'constructor' || part === 'prototype')
    ? { kind: 'prototype' }
    : { kind: 'unknown' }
}
