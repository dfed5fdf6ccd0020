/**
 * A JSON Web Key. Declared here, so that the types of this package name no ESM-only package, which CommonJS users
 * could not compile against.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7517#section-4
 */
export interface Jwk {
  readonly kty?: string
  readonly kid?: string
  readonly alg?: string
  readonly use?: string
  readonly crv?: string
  readonly x?: string
  readonly y?: string
  readonly d?: string
  readonly n?: string
  readonly e?: string
  readonly [member: string]: unknown
}
