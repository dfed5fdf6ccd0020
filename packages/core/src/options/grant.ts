/** A grant as apps see it. Times are milliseconds since the epoch, but for `authTime`, which is in seconds. */
export interface Grant {
  readonly id: string
  readonly clientId: string
  /** Undefined once the grant has ended: what identifies a person is erased with it. */
  readonly subject: string | undefined
  readonly scope: readonly string[]
  readonly claims: Readonly<Record<string, unknown>>
  readonly authTime: number | undefined
  readonly acr: string | undefined
  readonly amr: readonly string[] | undefined
  readonly resources: readonly string[]
  readonly metadata: Readonly<Record<string, unknown>>
  /** What the user knows the device by, as the sign-in gave it. This and the next four: only what `sessions.keep` names. */
  readonly label: string | undefined
  /** The `User-Agent` of the sign-in. */
  readonly userAgent: string | undefined
  /** The address that the sign-in came from. */
  readonly remoteAddress: string | undefined
  /**
   * The `User-Agent` of the latest turn, and the address that it came from. Undefined before the first, and where a
   * confidential client refreshes: its requests come from its own server, and say nothing of the user.
   */
  readonly lastUserAgent: string | undefined
  readonly lastRemoteAddress: string | undefined
  readonly createdAt: number
  /** The latest refresh; `createdAt` before the first. */
  readonly lastUsedAt: number
  readonly expiresAt: number
  /** `pending`: an authorization code that was not redeemed yet. */
  readonly status: 'active' | 'pending' | 'revoked' | 'expired'
  /**
   * What is sealed of it cannot be opened: the record is damaged, or a newer version's. Only id, client, times and status are
   * known. It can be ended, with its subject.
   */
  readonly unreadable?: true
}
