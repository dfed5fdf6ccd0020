import { OAuthError, StorageError } from '@oauth-ratchet/core'
import type { AuthorizationServerOptions, GrantRecord, Storage } from '@oauth-ratchet/core'
import type { Answer, TestServer } from './test-server.js'

/** Something that a client or the app does, and can do again when it failed. */
export interface Attempt {
  run(): Promise<Answer>
  /** Asserts what must hold once an attempt was answered with 200. */
  done(answer: Answer): Promise<void>
}

/** How an attempt ends when one storage call meets a fault: before and after the call took effect. */
export interface Expected {
  readonly notApplied: 200 | 503
  readonly applied: 200 | 503
}

/** One thing to do, and for every storage call that it makes what a fault of that call comes to. */
export interface Flow {
  readonly options?: Partial<AuthorizationServerOptions>
  readonly calls: Readonly<Record<string, Expected>>
  /** How many grants live when the attempt was refused and nothing was applied. Default 1. */
  readonly liveBefore?: number
  prepare(at: TestServer): Promise<Attempt>
}

/** A read, or a write whose repetition harms nothing: the client asks again. */
export const askAgain: Expected = { notApplied: 503, applied: 503 }
/** The one write that must not be lost: its outcome is found out. */
export const foundOut: Expected = { notApplied: 503, applied: 200 }
/** What is tried again at once, or is not worth refusing the request. */
export const served: Expected = { notApplied: 200, applied: 200 }

/** What the app gets from a call of its own, as an answer: the core's outages are a 503. */
export async function outcomeOf(work: () => Promise<unknown>): Promise<Answer> {
  try {
    return { status: 200, headers: {}, body: { result: await work() } }
  } catch (error) {
    if (error instanceof OAuthError) {
      return { status: error.status, headers: error.headers, body: { ...error.toJSON() } }
    }
    if (error instanceof StorageError) {
      const body = { error: 'temporarily_unavailable', error_description: error.message }
      return { status: 503, headers: { 'retry-after': '1' }, body }
    }
    throw error
  }
}

/** Every record that is not revoked. */
export async function liveGrants(storage: Storage): Promise<GrantRecord[]> {
  const { grants } = await storage.grants.scan({ limit: 1000 })
  return grants.filter((grant) => grant.revoked === undefined)
}
