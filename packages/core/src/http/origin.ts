import { randomUUID } from 'node:crypto'
import { header } from './message.js'
import type { EndpointRequest } from './message.js'

/** What every event says of where it comes from. */
export interface OriginMembers {
  readonly requestId: string
  readonly remoteAddress?: string
}

/**
 * The request, or the call of the app's, that an event comes from. One is made for each; its id only when an event asks
 * for it, since this is on the path of a refresh.
 */
export class Origin {
  readonly remoteAddress: string | undefined
  /** Who asked for it, in the app's own words. */
  readonly by: string | undefined
  readonly #userAgent: string | undefined
  readonly #request: Pick<EndpointRequest, 'headers'> | undefined
  #requestId: string | undefined

  constructor(
    known: {
      readonly requestId?: string | undefined
      readonly remoteAddress?: string | undefined
      readonly userAgent?: string | undefined
      readonly by?: string | undefined
      readonly request?: Pick<EndpointRequest, 'headers'>
    } = {},
  ) {
    this.remoteAddress = known.remoteAddress
    this.by = known.by
    this.#userAgent = known.userAgent
    this.#request = known.request
    this.#requestId = known.requestId
  }

  static of(request: EndpointRequest): Origin {
    const { requestId, remoteAddress } = request
    return new Origin({ requestId, remoteAddress, request })
  }

  /** The caller's own id, or one that is made up; the same for all events of the request. */
  get requestId(): string {
    return (this.#requestId ??= randomUUID())
  }

  get userAgent(): string | undefined {
    return this.#userAgent ?? (this.#request && header(this.#request, 'user-agent'))
  }

  /** The members for an event. */
  describe(): OriginMembers {
    const { requestId, remoteAddress } = this
    return remoteAddress === undefined ? { requestId } : { requestId, remoteAddress }
  }
}
