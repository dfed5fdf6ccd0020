import { randomUUID } from 'node:crypto'
import { header } from './message.js'
import type { EndpointRequest } from './message.js'

/** What every event says of where it comes from. */
export interface OriginMembers {
  readonly requestId: string
  readonly remoteAddress?: string
}

/** What is known of a request, or of a call of the app's: an `EndpointRequest` is one. */
export interface OriginSource {
  readonly requestId?: string | undefined
  readonly remoteAddress?: string | undefined
  readonly userAgent?: string | undefined
  readonly headers?: EndpointRequest['headers']
}

/**
 * The request, or the call of the app's, that an event comes from. One is made for each; everything else only when an
 * event asks for it, since this is on the path of a refresh.
 */
export class Origin {
  readonly #source: OriginSource
  #requestId: string | undefined
  /** Who asked for it, in the app's own words. */
  readonly by: string | undefined

  constructor(source: OriginSource = {}, by?: string) {
    this.#source = source
    this.by = by
  }

  /** The caller's own id, or one that is made up; the same for all events of the request. */
  get requestId(): string {
    return (this.#requestId ??= this.#source.requestId ?? randomUUID())
  }

  get remoteAddress(): string | undefined {
    return this.#source.remoteAddress
  }

  get userAgent(): string | undefined {
    const { userAgent, headers } = this.#source
    return userAgent ?? (headers && header({ headers }, 'user-agent'))
  }

  /** The members for an event. */
  describe(): OriginMembers {
    const { requestId, remoteAddress } = this
    return remoteAddress === undefined ? { requestId } : { requestId, remoteAddress }
  }
}
