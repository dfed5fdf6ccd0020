import type { SignIn } from '../options/sign-in.js'

/** What a grant is issued with: a sign-in, and for whom. */
export interface IssueOptions extends SignIn {
  readonly clientId: string
  /** Space-separated or a list. Default: the client's registered scope; an empty list is `invalid_scope`. */
  readonly scope?: string | readonly string[]
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
