import { assertRevokeAllOptions } from './revoke-all-options.js'
import type { RevokeAllOptions } from './revoke-all-options.js'

/** What `grants.revokeSome` is asked for. */
export interface RevokeSomeOptions extends Pick<RevokeAllOptions, 'subject' | 'clientId' | 'except' | 'by'> {
  /** That of the call before, which had the same subject, client and `except`. Default: it begins. */
  readonly cursor?: string
  /** After how many seconds it stops, once it has ended the page at hand; 0 to 3600. Default 5. */
  readonly seconds?: number
}

export interface RevokedSome {
  /** How many live grants this call has ended. */
  readonly ended: number
  /** Where the next call goes on; absent: all are ended. */
  readonly cursor?: string
}

/** @throws TypeError, RangeError see `Grants.revokeSome` */
export function assertRevokeSomeOptions(options: RevokeSomeOptions): void {
  assertRevokeAllOptions(options)
  const { seconds = 0 } = options
  if (typeof seconds !== 'number' || !(seconds >= 0 && seconds <= 3600)) {
    throw new RangeError('grants.revokeSome: seconds must be a number from 0 to 3600.')
  }
}
