import type { Command } from '../command-line/command.js'
import { withStorage } from '../configuration/server.js'

const AT_ONCE = 500

export const purge: Command = {
  name: 'purge',
  summary: 'Remove what has expired',
  details:
    'A running server does it by itself, a little at a time (sweepInterval). Redis and MongoDB remove what has expired ' +
    'by themselves, and there is nothing to do.',
  uses: 'storage',
  run: (invocation) =>
    withStorage(invocation, async ({ storage }) => {
      const now = Date.now()
      let removed = 0
      for (;;) {
        const some = await storage.grants.purgeExpired(now, AT_ONCE)
        removed += some
        if (some < AT_ONCE) break
        invocation.output.progress(`${removed} removed`)
      }
      invocation.output.result({ removed }, () =>
        removed === 1 ? '1 record was removed.' : `${removed} records were removed.`,
      )
      return 0
    }),
}
