import { Long } from 'bson'
import type { Document } from '../bson-values.js'
import { listIn } from '../request-fields.js'
import type { Commands, Context } from './command.js'

/** That of MongoDB 7.0. */
export const WIRE_VERSION = 21
export const SET_NAME = 'stand-in'

/** A primary of a replica set of one: to a standalone the drivers send no retryable writes. */
function hello(request: Document, { address, connectionId, clientMetadata }: Context): Document {
  clientMetadata.read(request)
  return {
    helloOk: true,
    [request['hello'] === undefined ? 'ismaster' : 'isWritablePrimary']: true,
    secondary: false,
    setName: SET_NAME,
    setVersion: 1,
    hosts: [address],
    primary: address,
    me: address,
    maxBsonObjectSize: 16 * 1024 * 1024,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: 30,
    connectionId,
    minWireVersion: 0,
    maxWireVersion: WIRE_VERSION,
    readOnly: false,
    // No topologyVersion: drivers then ask again instead of waiting for a streamed answer.
    ok: 1,
  }
}

function buildInfo(): Document {
  return {
    version: '7.0.0-stand-in',
    versionArray: [7, 0, 0, 0],
    modules: ['stand-in'],
    bits: 64,
    maxBsonObjectSize: 16 * 1024 * 1024,
    ok: 1,
  }
}

const nothingToDo = (): Document => ({ ok: 1 })

export const handshakeCommands: Commands = {
  hello,
  isMaster: hello,
  ismaster: hello,
  buildInfo,
  buildinfo: buildInfo,
  ping: nothingToDo,
  startSession: () => ({ timeoutMinutes: 30, ok: 1 }),
  refreshSessions: nothingToDo,
  endSessions: (request, { sessions }) => {
    sessions.end(listIn(request, 'endSessions'))
    return { ok: 1 }
  },
  whatsmyuri: (_request, { address }) => ({ you: address, ok: 1 }),
  connectionStatus: () => ({ authInfo: { authenticatedUsers: [], authenticatedUserRoles: [] }, ok: 1 }),
  replSetGetStatus: (_request, { address }) => ({
    set: SET_NAME,
    myState: 1,
    term: Long.fromNumber(1),
    members: [{ _id: 0, name: address, health: 1, state: 1, stateStr: 'PRIMARY', self: true }],
    ok: 1,
  }),
}
