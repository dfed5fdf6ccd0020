/**
 * Client ids as label values, bounded in number: those that are named, or else the first that come. All others are `other`;
 * where there is no client, or an unknown one, `none`.
 */
export class ClientLabels {
  readonly #known: Set<string>
  readonly #most: number

  /** @param named with a list no other client gets a label of its own */
  constructor(named: readonly string[] | undefined, most: number) {
    this.#known = new Set(named)
    this.#most = named === undefined ? most : 0
  }

  /** @param clientId that of a client that exists: what somebody typed is no label */
  of(clientId: string | undefined): string {
    if (clientId === undefined) return 'none'
    if (this.#known.has(clientId)) return clientId
    if (this.#known.size >= this.#most) return 'other'
    this.#known.add(clientId)
    return clientId
  }
}
