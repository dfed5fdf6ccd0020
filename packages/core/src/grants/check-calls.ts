import { SignInError } from '../faults/sign-in-error.js'
import { checkCall, isOptions, misspeltMember, wrongOptions } from '../options/member-names.js'
import type { SignIn } from '../options/sign-in.js'

// Objects, so that the compiler reports a member that is missing here.
export const signInNames: Record<keyof SignIn, true> = {
  subject: true,
  name: true,
  claims: true,
  authTime: true,
  acr: true,
  amr: true,
  session: true,
  lifetimes: true,
  metadata: true,
  label: true,
  userAgent: true,
  remoteAddress: true,
}
const lifetimeNames: Record<keyof NonNullable<SignIn['lifetimes']>, true> = { idle: true, absolute: true }

const aliases = {
  sub: 'subject',
  user: 'subject',
  userid: 'subject',
  sessionid: 'session',
  ip: 'remoteAddress',
  client: 'clientId',
}

/**
 * Refuses a sign-in with a misspelt member. It may have members of the app's own beside those that are read.
 *
 * @throws SignInError
 */
export function checkSignInNames(signIn: SignIn): void {
  const given = signIn as unknown as Readonly<Record<string, unknown>>
  const misspelt =
    misspeltMember('A sign-in', given, Object.keys(signInNames), aliases) ??
    (!isOptions(signIn.lifetimes)
      ? undefined
      : wrongOptions('lifetimes', signIn.lifetimes, Object.keys(lifetimeNames)))
  if (misspelt !== undefined) throw new SignInError(misspelt)
}

/** @throws TypeError for what is no object, or has a misspelt member: `scopes` would give the whole scope */
export function checkIssue(options: unknown): void {
  if (!isOptions(options)) throw new TypeError('grants.issue wants an object: { clientId, subject, … }.')
  const known = [...Object.keys(signInNames), 'clientId', 'scope']
  const misspelt = misspeltMember('grants.issue', options, known, aliases)
  if (misspelt !== undefined) throw new TypeError(misspelt)
}

/** Options that each call of `server.grants` takes. Of those that select, a misspelt one would select everything. */
const calls = {
  get: {},
  list: { subject: true, clientId: true, limit: true },
  page: { subject: true, clientId: true, session: true, limit: true, cursor: true },
  each: { subject: true, clientId: true },
  update: { metadata: true, scope: true, lifetimes: true },
  revoke: { subject: true, by: true },
  revokeAll: {
    subject: true,
    clientId: true,
    session: true,
    except: true,
    exceptSession: true,
    createdBefore: true,
    scope: true,
    by: true,
  },
  revokeSome: { subject: true, clientId: true, except: true, by: true, cursor: true, seconds: true },
  erase: { subject: true, by: true },
} as const

/**
 * @param id the grant's id, of a call that has one
 * @throws TypeError for options that are no object, a name that is not known, and a whole grant in place of its id
 */
export function checkGrantsCall(call: keyof typeof calls, options: unknown, id?: unknown): void {
  checkCall(`grants.${call}`, options, calls[call], aliases)
  // Other values come from forms and links, and are the id of no grant.
  if (isOptions(id) && 'id' in id)
    throw new TypeError(`grants.${call} wants the id of a grant, not the grant.`)
  if (call !== 'update') return
  const { lifetimes } = options as { readonly lifetimes?: unknown }
  if (lifetimes !== undefined) checkCall('lifetimes', lifetimes, lifetimeNames)
}
