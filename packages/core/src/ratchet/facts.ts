/** What a grant knows of its subject. Sealed, because it identifies a person. */
export interface Facts {
  readonly subject: string
  /** The scope granted, space-separated. */
  readonly scope: string
  readonly session?: string
  readonly claims?: Readonly<Record<string, unknown>>
  /** Seconds since the epoch. */
  readonly authTime?: number
  readonly acr?: string
  readonly amr?: readonly string[]
  readonly resources?: readonly string[]
  readonly metadata?: Readonly<Record<string, unknown>>
  /** The three that `sessions.keep` may name, as they were at sign-in. */
  readonly label?: string
  readonly userAgent?: string
  readonly remoteAddress?: string
}

/** What a sealed string was found to hold. */
export interface Unsealed {
  readonly grantId: string
  readonly json: string
  /** The same object for every caller: not to be changed. */
  readonly facts: Facts
}
