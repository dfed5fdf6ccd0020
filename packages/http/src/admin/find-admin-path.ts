import type { AdminRoute } from './admin-context.js'
import {
  createClient,
  listClients,
  removeClient,
  rotateSecret,
  setDisabled,
  showClient,
  updateClient,
} from './admin-clients.js'
import { endGrant, endGrants, listGrants, showGrant } from './admin-grants.js'

/** What answers at a path, by method, and the id that the path has. */
export interface AdminPath {
  readonly id: string
  readonly routes: ReadonlyMap<string, AdminRoute>
}

const table: readonly (readonly [path: RegExp, routes: Readonly<Record<string, AdminRoute>>])[] = [
  [
    /^\/grants\/?$/,
    {
      GET: { answer: listGrants, query: ['subject', 'client_id', 'cursor', 'limit'] },
      DELETE: { answer: endGrants, query: ['subject', 'client_id', 'cursor'] },
    },
  ],
  [/^\/grants\/([^/]+)$/, { GET: { answer: showGrant }, DELETE: { answer: endGrant, query: ['subject'] } }],
  [
    /^\/clients\/?$/,
    {
      GET: { answer: listClients, query: ['cursor', 'limit'] },
      POST: { answer: createClient, body: true },
    },
  ],
  [
    /^\/clients\/([^/]+)$/,
    {
      GET: { answer: showClient },
      PATCH: { answer: updateClient, body: true },
      DELETE: { answer: removeClient },
    },
  ],
  [/^\/clients\/([^/]+)\/secret$/, { POST: { answer: rotateSecret, body: true } }],
  [/^\/clients\/([^/]+)\/disable$/, { POST: { answer: setDisabled(true) } }],
  [/^\/clients\/([^/]+)\/enable$/, { POST: { answer: setDisabled(false) } }],
]

const paths = table.map(([pattern, routes]) => ({ pattern, routes: new Map(Object.entries(routes)) }))

/** Undefined: nothing is at that path. */
export function findAdminPath(path: string): AdminPath | undefined {
  for (const { pattern, routes } of paths) {
    const match = pattern.exec(path)
    if (match === null) continue
    const id = decode(match[1] ?? '')
    return id === undefined ? undefined : { id, routes }
  }
  return undefined
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
