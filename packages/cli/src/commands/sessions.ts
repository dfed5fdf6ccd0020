import type { AuthorizationServer, Grant } from '@oauth-ratchet/core'

import type { Command, Invocation } from '../command-line/command.js'
import { Failure } from '../command-line/failure.js'
import { table, time } from '../command-line/table.js'
import { operator } from '../configuration/operator.js'
import { assertSessionsOpen } from '../configuration/own-sessions.js'
import { withServer } from '../configuration/server.js'

const ofClient = { client: { value: 'client_id', help: 'only sessions with this client' } }

const list: Command = {
  name: 'sessions list',
  summary: 'List the live sessions of a user, the oldest first',
  arguments: ['<subject>'],
  uses: 'server',
  options: ofClient,
  run: (invocation) =>
    withServer(invocation, async (server, _origin, storage) => {
      const sessions: Grant[] = []
      for await (const grant of server.grants.each(selection(invocation))) {
        sessions.push(grant)
        invocation.output.progress(`${sessions.length} sessions read`)
      }
      if (sessions.length === 0) await assertSessionsOpen(server, storage)
      const rows = sessions.map((grant) => [
        grant.id,
        grant.clientId,
        time(grant.createdAt),
        time(grant.lastUsedAt),
        time(grant.expiresAt),
        grant.unreadable === true ? '(cannot be read)' : [grant.scope].flat().join(' '),
      ])
      invocation.output.result(sessions, () =>
        rows.length === 0
          ? 'There is no live session of this subject.'
          : table(['ID', 'CLIENT', 'SINCE', 'LAST USED', 'ENDS', 'SCOPE'], rows),
      )
      return 0
    }),
}

const end: Command = {
  name: 'sessions end',
  summary: 'End one session: its refresh token and all its access tokens',
  arguments: ['<id>'],
  uses: 'server',
  options: {
    subject: { value: 'subject', help: "only if it is this user's; needed for one that cannot be read" },
  },
  run: (invocation) =>
    withServer(invocation, async (server) => {
      const [id = ''] = invocation.arguments
      const subject = invocation.options.text('subject')
      const ended = await server.grants.revoke(id, {
        by: operator(),
        ...(subject !== undefined && { subject }),
      })
      invocation.output.result({ id, ended }, () =>
        ended ? 'The session has ended.' : 'There was no live session of this id.',
      )
      return ended ? 0 : 1
    }),
}

const endAll: Command = {
  name: 'sessions end-all',
  summary: 'End all sessions of a user',
  details:
    'Authorization codes that are not redeemed yet end too. When it was interrupted run it again: that does no harm.',
  arguments: ['<subject>'],
  uses: 'server',
  options: { ...ofClient, except: { value: 'id', help: 'a session that goes on' } },
  run: (invocation) =>
    withServer(invocation, async (server, _origin, storage) => {
      const except = invocation.options.text('except')
      const selected = selection(invocation)
      if (except !== undefined) await assertLive(server, except, selected.subject)
      const options = { ...selected, ...(except !== undefined && { except }), by: operator(), seconds: 1 }
      let some = await server.grants.revokeSome(options)
      let { ended } = some
      while (some.cursor !== undefined) {
        invocation.output.progress(`${ended} sessions have ended so far`)
        some = await server.grants.revokeSome({ ...options, cursor: some.cursor })
        ended += some.ended
      }
      if (ended === 0) await assertSessionsOpen(server, storage)
      invocation.output.result({ ended }, () =>
        ended === 1 ? '1 session has ended.' : `${ended} sessions have ended.`,
      )
      return 0
    }),
}

/** With an id that was mistyped all would end. */
async function assertLive(server: AuthorizationServer, id: string, subject: string): Promise<void> {
  const grant = await server.grants.get(id)
  if (grant?.status === 'active' && grant.subject === subject) return
  throw new Failure(`--except: this user has no live session "${id}". Nothing was ended.`)
}

function selection({ arguments: [subject = ''], options }: Invocation): {
  subject: string
  clientId?: string
} {
  const clientId = options.text('client')
  return { subject, ...(clientId !== undefined && { clientId }) }
}

export const sessionCommands: readonly Command[] = [list, end, endAll]
