import type { AuthorizationServer, EndpointResponse } from '@oauth-ratchet/core'
import type { Edge } from '../messages/read-request.js'
import type { AdministratorSources } from './administrator.js'

/** What the routes work with. */
export interface AdminContext<Req, Res> extends AdministratorSources<Req, Res>, Edge<Req> {
  readonly server: AuthorizationServer
}

/** One request of an administrator's. */
export interface AdminCall {
  readonly server: AuthorizationServer
  /** Who it is, for the events. */
  readonly by: string
  /** Of the grant or client in the path; the empty string in a path without one. */
  readonly id: string
  /** Only parameters that the route has, each once, none empty. */
  readonly query: URLSearchParams
  /** Members of the JSON body, where the route reads one. */
  readonly body: Readonly<Record<string, unknown>>
}

/** What answers one method at one path. */
export interface AdminRoute {
  readonly answer: (call: AdminCall) => Promise<EndpointResponse>
  /** Parameters that the query may have. Default: none. */
  readonly query?: readonly string[]
  /** Whether it takes a JSON body. Default false: a body is not read. */
  readonly body?: boolean
}
