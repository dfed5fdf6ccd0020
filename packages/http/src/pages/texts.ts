import { html } from './html.js'
import type { Html } from './html.js'

/** The texts of the built-in pages. What stands in braces is filled in. */
export const englishTexts = {
  consentTitle: 'Allow “{client}” to use your account?',
  signedInAs: 'You are signed in as {name}.',
  notYou: 'Not you?',
  otherAccount: 'Use another account',
  clientId: 'Client ID: {id}',
  asksFor: 'It asks for:',
  asksForNothing: 'It asks for nothing but to know your account.',
  accessLifetime: 'It gets access for {lifetime} at most.',
  accessIdle: 'It gets access until it has made no use of it for {idle}.',
  accessLifetimeAndIdle:
    'It gets access for {lifetime} at most, or until it has made no use of it for {idle}.',
  destination: 'Either way you will be sent on to {host}.',
  destinationOnDevice: 'Either way you will be sent on to a program on this device ({host}).',
  destinationByScheme: 'Either way you will be sent on to the app on this device that opens {scheme} links.',
  allow: 'Allow',
  deny: 'Deny',
  requestFailed: 'This request cannot continue',
  requestFailedAdvice:
    "Go back to the app that sent you here and start again. If it happens again, show this page to the app's developers.",
  serverFailed: 'Something went wrong here',
  serverFailedAdvice:
    'That is not your doing, and trying again at once will hardly help. Try again later, or tell the operators of this application: their log says what happened.',
  unavailableAdvice: 'Wait a moment and try again.',
  maintenance: 'Closed for maintenance',
  maintenanceAdvice: 'This service is being worked on and will be back. Try again later.',
  formStale: 'This form cannot be used any more',
  formStaleAdvice:
    'It is too old, was used already, or was made for another browser or another account. Nothing was granted this time.',
  startAgain: 'Start again',
  errorCode: 'Error: {code}',
  sessionsTitle: 'Where you are signed in',
  sessionsOf: 'These apps and devices are signed in as {name}.',
  sessionsIntro: 'If you do not know one of these, sign it out and change your password.',
  sessionsNone: 'No app or device is signed in.',
  sessionDevice: '{browser} on {system}',
  sessionUnknownDevice: 'Unknown device',
  sessionUnreadable: 'Unknown device: its details cannot be read',
  sessionCurrent: 'This one',
  sessionSignedIn: 'Signed in on {date}',
  sessionSignedInFrom: 'Signed in on {date} from {address}',
  sessionLastUsed: 'Last used {when}',
  sessionLastUsedFrom: 'Last used {when} from {address}',
  sessionEnd: 'Sign out',
  sessionsEndOthers: 'Sign out everywhere else',
  sessionsEndAll: 'Sign out everywhere',
  sessionsMore: 'Show more',
  sessionsFirst: 'Back to the beginning',
  sessionEnded: 'It has been signed out.',
  sessionGone: 'That one was signed out already.',
  sessionsEnded: 'Signed out elsewhere: {count}.',
  sessionsFormStale: 'That form could not be used any more, and nothing was signed out. Please try again.',
  sessionsSignIn: 'Sign in to see where you are signed in.',
}

export type PageTexts = Readonly<typeof englishTexts>

/** The names in braces of a text, each once, sorted. */
export function placeholdersOf(text: string): string[] {
  return [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? ''))].toSorted()
}

/** A text with its values filled in, escaped, as HTML. */
export function fill(text: string, values: Readonly<Record<string, string | Html>>): Html {
  const parts = text.split(/(\{\w+\})/).map((part) => {
    const value = /^\{\w+\}$/.test(part) ? values[part.slice(1, -1)] : undefined
    return html`${value ?? part}`
  })
  return html`${parts}`
}

/** The same as text. */
export function fillText(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole)
}
