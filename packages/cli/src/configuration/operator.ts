import { userInfo } from 'node:os'

/** Who runs the command, for `by` of the events: `cli:` and the user's name, or `cli` where the system knows none. */
export function operator(): string {
  try {
    const { username } = userInfo()
    if (/^[^\p{Cc}]{1,200}$/u.test(username)) return `cli:${username}`
  } catch {
    // A container may run under a user id that has no name.
  }
  return 'cli'
}
