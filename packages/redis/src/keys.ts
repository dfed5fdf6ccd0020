/**
 * The names of the keys. What stands in braces decides the slot of a cluster: a grant has one, a subject's index
 * another, and all clients share one with their index.
 */
export class Keys {
  readonly #prefix: string

  constructor(prefix: string) {
    this.#prefix = prefix
  }

  grant(id: string): string {
    return `${this.#prefix}g:{${id}}`
  }

  /** What every grant's key matches, for SCAN, which sees keys with the client's own prefix. */
  grantPattern(keyPrefix: string): string {
    return `${this.#literal(keyPrefix)}g:{*}`
  }

  /** What every mark's and value's key matches, for SCAN. */
  valuePattern(keyPrefix: string): string {
    return `${this.#literal(keyPrefix)}[mv]:*`
  }

  /** The id in a key that matches the pattern. */
  grantId(key: string, keyPrefix: string): string {
    return key.slice(keyPrefix.length + this.grant('').length - 1, -1)
  }

  /** What a key that matches the pattern is the key of. */
  markOrValue(key: string, keyPrefix: string): { readonly kind: 'mark' | 'value'; readonly key: string } {
    const name = key.slice(keyPrefix.length + this.#prefix.length)
    return { kind: name.startsWith('m') ? 'mark' : 'value', key: name.slice('m:'.length) }
  }

  subject(hash: string): string {
    return `${this.#prefix}s:{${hash}}`
  }

  mark(key: string): string {
    return `${this.#prefix}m:${key}`
  }

  value(key: string): string {
    return `${this.#prefix}v:${key}`
  }

  client(id: string): string {
    return `${this.#prefix}{c}:${id}`
  }

  clients(): string {
    return `${this.#prefix}{c}`
  }

  #literal(keyPrefix: string): string {
    return `${keyPrefix}${this.#prefix}`.replaceAll(/[*?[\]^\\-]/g, String.raw`\$&`)
  }
}
