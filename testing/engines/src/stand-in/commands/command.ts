import type { Document } from '../bson-values.js'
import type { ClientMetadata } from '../client-metadata.js'
import type { Cursors } from '../cursors.js'
import type { Databases } from '../database.js'
import type { FailPoints } from '../fail-points.js'
import type { Sessions } from '../sessions.js'
import type { Statistics } from '../statistics.js'
import type { TtlMonitor } from '../ttl-monitor.js'

/** What a command works on. */
export interface Context {
  readonly databases: Databases
  readonly cursors: Cursors
  readonly sessions: Sessions
  readonly failPoints: FailPoints
  readonly statistics: Statistics
  readonly ttl: TtlMonitor
  /** `host:port` as clients see it. */
  readonly address: string
  readonly connectionId: number
  readonly clientMetadata: ClientMetadata
}

/** Runs to its end without a pause, which is what makes every command atomic here. */
export type Command = (request: Document, context: Context) => Document

export type Commands = Readonly<Record<string, Command>>
