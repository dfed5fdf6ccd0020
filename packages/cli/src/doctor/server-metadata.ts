import type { Answer } from './ask.js'

/** The metadata of a server (RFC 8414), read leniently: what is of the wrong type counts as absent. */
export interface ServerMetadata {
  readonly issuer: string | undefined
  text(name: string): string | undefined
  list(name: string): readonly string[] | undefined
  isTrue(name: string): boolean
  /** Members that name signature algorithms, with what they name. */
  readonly algorithms: readonly (readonly [name: string, values: readonly string[]])[]
}

/** Where the metadata of an issuer is: the well-known path is put before that of the issuer (RFC 8414 §3.1). */
export function metadataUrl(issuer: string): string {
  const url = new URL(issuer)
  const path = url.pathname === '/' ? '' : url.pathname.replace(/\/$/, '')
  return `${url.origin}/.well-known/oauth-authorization-server${path}`
}

export function readMetadata(answer: Answer): ServerMetadata | undefined {
  const { json } = answer
  if (answer.status !== 200 || json === undefined) return undefined
  const text = (name: string): string | undefined => {
    const value = json[name]
    return typeof value === 'string' ? value : undefined
  }
  const list = (name: string): readonly string[] | undefined => {
    const value = json[name]
    return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : undefined
  }
  const names = Object.keys(json).filter((name) => /_alg(orithm)?_values_supported$/.test(name))
  return {
    issuer: text('issuer'),
    text,
    list,
    isTrue: (name) => json[name] === true,
    algorithms: names.map((name) => [name, list(name) ?? []] as const),
  }
}
