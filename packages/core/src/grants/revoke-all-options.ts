import { assertGiven } from './assert-given.js'
import { isGrantId } from './grant-id.js'

/** What `grants.revokeAll` is asked for. */
export interface RevokeAllOptions {
  readonly subject?: string
  readonly clientId?: string
  /** Only grants made in this session of the app's. */
  readonly session?: string
  /** Id of a grant to leave alone: "sign out my other devices". */
  readonly except?: string
  /** Grants made in this session of the app's are left alone: the same for a browser that has signed in to several apps. */
  readonly exceptSession?: string
  /** Only grants whose scope has it: a scope, or several of which it has all. */
  readonly scope?: string | readonly string[]
  /** Only grants made before: a Date, or milliseconds since the epoch. */
  readonly createdBefore?: Date | number
  /** Who asks for it, for the events: at most 255 characters. Selects nothing. */
  readonly by?: string | undefined
}

/** @throws TypeError see `Grants.revokeAll` */
export function assertRevokeAllOptions(options: RevokeAllOptions): void {
  for (const [name, value] of Object.entries(options)) if (name !== 'by') assertGiven(name, value)
  if (options.subject === undefined && options.clientId === undefined) {
    throw new TypeError('revokeAll needs a subject or a clientId.')
  }
  // With an id that is misspelt the one that is to stay would end.
  if (options.except !== undefined && !isGrantId(options.except)) {
    throw new TypeError('except must be the id of a grant.')
  }
  const scopes: unknown[] = [options.scope ?? 'any'].flat()
  if (scopes.length === 0 || !scopes.every((scope) => typeof scope === 'string' && scope.trim() !== '')) {
    throw new TypeError('scope must be a scope, or a list of scopes.')
  }
  if (Number.isNaN(Number(options.createdBefore ?? 0))) {
    throw new TypeError('createdBefore must be a Date, or milliseconds since the epoch.')
  }
}
