import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clients } from '../clients/clients.js'
import type { ClientDirectory } from '../clients/directory.js'
import { CursorError } from '../faults/storage-error.js'
import type { Origin } from '../http/origin.js'
import type { Settings } from '../options/settings.js'
import type { Revoker } from '../ratchet/revoker.js'
import type { KeyRing } from '../ratchet/secrets.js'
import type { MassRevocation } from './mass-revocation.js'
import type { RevokeAllOptions } from './revoke-all-options.js'
import type { SignOuts } from './sign-outs.js'
import type { RevokedSome, RevokeSomeOptions } from './revoke-some-options.js'

const defaultSeconds = 5

/** What each of the calls that end many grants does beside ending them. */
export class ManyRevocations {
  readonly #massRevocation: MassRevocation
  readonly #signOuts: SignOuts
  readonly #clients: ClientDirectory
  readonly #registry: Clients
  readonly #revoker: Revoker
  readonly #ring: KeyRing
  readonly #settings: Settings

  constructor(parts: {
    massRevocation: MassRevocation
    signOuts: SignOuts
    clients: ClientDirectory
    registry: Clients
    revoker: Revoker
    ring: KeyRing
    settings: Settings
  }) {
    this.#massRevocation = parts.massRevocation
    this.#signOuts = parts.signOuts
    this.#clients = parts.clients
    this.#registry = parts.registry
    this.#revoker = parts.revoker
    this.#ring = parts.ring
    this.#settings = parts.settings
  }

  /** `server.grants.revokeAll`. */
  async all({ by, ...options }: RevokeAllOptions, origin: Origin): Promise<number> {
    const { subject, clientId, scope } = options
    const isOnly = Object.keys(options).length === 1
    if (subject !== undefined) {
      const end = (): Promise<number> =>
        scope === undefined
          ? this.#massRevocation.bySubject(subject, options, origin)
          : this.#massRevocation.byScope(subject, scope, options, origin)
      return isOnly ? this.#signOuts.everywhere(subject, end) : end()
    }
    if (clientId === undefined) return 0
    if (isOnly) await this.#endClientsGrants(clientId, by)
    return this.#massRevocation.byScan(clientId, options, origin)
  }

  /** `server.grants.erase`. */
  erase(subject: string, origin: Origin): Promise<number> {
    const { importToken, now } = this.#settings
    // A session that was not imported yet has no record that could say that it is over.
    const keepUntil = Math.max(this.#revoker.keepUntil(now()), importToken?.until ?? 0)
    const end = () => this.#massRevocation.bySubject(subject, { subject }, origin)
    return this.#signOuts.everywhere(subject, end, keepUntil)
  }

  /** `server.grants.revokeSome`. */
  async some(
    { by, cursor: given, seconds = defaultSeconds, ...options }: RevokeSomeOptions,
    origin: Origin,
  ): Promise<RevokedSome> {
    const { subject, clientId } = options
    const tag = this.#tagOf(options)
    const until = this.#settings.now() + seconds * 1000
    const isOnly = Object.keys(options).length === 1
    const begins = given === undefined
    const go = (endPage: EndPage): Promise<RevokedSome> =>
      walkOn(endPage, {
        from: begins ? undefined : readCursor(given, tag),
        repeats: subject !== undefined,
        isOver: () => this.#settings.now() >= until,
        tag,
      })
    if (subject !== undefined) {
      const end = () => go((cursor) => this.#massRevocation.pageOfSubject(subject, options, origin, cursor))
      return isOnly && begins ? this.#signOuts.everywhere(subject, end) : end()
    }
    if (clientId === undefined) return { ended: 0 }
    if (isOnly && begins) await this.#endClientsGrants(clientId, by)
    return go((cursor) => this.#massRevocation.pageOfScan(clientId, options, origin, cursor))
  }

  /** All at once, for every process that reads the client: what is left is to end each, and to say so. */
  async #endClientsGrants(clientId: string, by: string | undefined): Promise<void> {
    if (this.#clients.isConfigured(clientId)) return
    await this.#registry.update(clientId, { grants_not_before: this.#settings.now() / 1000 }, { by })
  }

  // A cursor of another user's walk would leave out grants of this one.
  #tagOf({ subject, ...others }: Omit<RevokeSomeOptions, 'by' | 'cursor' | 'seconds'>): string {
    const filter = JSON.stringify([
      subject === undefined ? null : this.#ring.subjectHashes(subject).at(-1),
      others.clientId ?? null,
      others.except ?? null,
    ])
    return createHash('sha256').update(filter).digest('base64url').slice(0, 8)
  }
}

/** Ends the grants of one page; without a cursor, of the first. */
type EndPage = (cursor: string | undefined) => Promise<{ readonly ended: number; readonly cursor?: string }>

interface Position {
  /** Whether this walk has ended a grant. */
  readonly found: boolean
  /** Where in the walk; undefined: at its beginning. */
  readonly cursor: string | undefined
}

/**
 * Walks on until there is nothing left or the time is over; one page at least. With `repeats` until a whole walk ends
 * nothing, as `revokeAll` does: another host's slower clock may date a grant before the place where the walk was.
 */
async function walkOn(
  endPage: EndPage,
  {
    from,
    repeats,
    isOver,
    tag,
  }: { from: Position | undefined; repeats: boolean; isOver: () => boolean; tag: string },
): Promise<RevokedSome> {
  let { found, cursor }: Position = from ?? { found: false, cursor: undefined }
  let ended = 0
  for (;;) {
    const page = await endPage(cursor)
    ended += page.ended
    found ||= page.ended > 0
    cursor = page.cursor
    if (cursor === undefined) {
      if (!found || !repeats) return { ended }
      found = false
    }
    if (isOver()) return { ended, cursor: `${tag}.${found ? 'f' : 'n'}.${cursor ?? ''}` }
    await nextTurn()
  }
}

/** @throws CursorError for one that no walk with this filter has given */
function readCursor(cursor: string, tag: string): Position {
  const [, made, found, position] = /^([\w-]{8})\.([fn])\.(.*)$/s.exec(cursor) ?? []
  if (made !== tag || position === undefined) throw new CursorError()
  return { found: found === 'f', cursor: position === '' ? undefined : position }
}
