import type { Grant } from '../options/grant.js'
import type { SignIn } from '../options/sign-in.js'

/** What a grant is issued with: a sign-in, and for whom. */
export interface IssueOptions extends SignIn {
  readonly clientId: string
  /** Space-separated or a list. Default: the client's registered scope; an empty list is `invalid_scope`. */
  readonly scope?: string | readonly string[]
}

/** What `grants.page` is asked for. */
export interface GrantsPageOptions {
  readonly subject: string
  readonly clientId?: string
  /** A session of the app's own: the page says which of its grants were made in it. */
  readonly session?: string
  /** Grants of a page at most, 1 to 500. Default 50. */
  readonly limit?: number
  /** That of the page before. Default: the first page. */
  readonly cursor?: string
}

export interface GrantsPage {
  readonly grants: readonly Grant[]
  /** Ids of the page's grants that were made in the `session` asked for. */
  readonly inSession: readonly string[]
  /** Where the next page begins; absent on the last. */
  readonly cursor?: string
}

/** What can be changed about a live grant. */
export interface GrantUpdate {
  /** Replaces the metadata. */
  readonly metadata?: Readonly<Record<string, unknown>>
  /** Narrows the scope, an empty list to none; what the grant does not have cannot be added without consent. */
  readonly scope?: string | readonly string[]
  /**
   * New limits in seconds, `absolute` counted from now; null: none. An extension reaches the tokens that are out, also
   * beyond the limits of the options: these then cap this grant no longer, and each of its refreshes is one storage
   * call more.
   */
  readonly lifetimes?: { readonly idle?: number | null; readonly absolute?: number | null }
}
