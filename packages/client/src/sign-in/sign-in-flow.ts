import type { ServerMetadata } from '../discovery.js'
import { ClientError } from '../errors.js'
import type { Session } from '../session/session-options.js'
import { authorizationUrl, exchangeCode } from './sign-in.js'
import type { Transaction } from './sign-in.js'

export interface SignInOptions {
  /** Given back by `handleCallback`: where in the app to go on. */
  readonly returnTo?: string | undefined
  readonly redirectUri?: string | undefined
  readonly scope?: string | undefined
  /** Further parameters of the request: `prompt`, `login_hint`, `max_age`, … */
  readonly parameters?: Readonly<Record<string, string>> | undefined
  /** Opens the URL. Default: the page goes there. */
  readonly open?: ((url: string) => void | Promise<void>) | undefined
}

export interface SignInContext {
  readonly name: string
  readonly clientId: string
  readonly redirectUri: string | undefined
  readonly scope: string | undefined
  /** The refresh token is in a cookie. */
  readonly cookie: boolean
  readonly discovered: () => Promise<ServerMetadata>
  readonly fetcher: typeof fetch
  readonly timeoutMs: number
  readonly adopt: Session['adopt']
}

/** Sends the browser to sign in; see `Client.signIn`. */
export async function beginSignIn(context: SignInContext, options: SignInOptions): Promise<void> {
  const redirectUri = options.redirectUri ?? context.redirectUri
  if (redirectUri === undefined) throw new ClientError('configuration', 'signIn needs a redirectUri.')
  const { url, state, verifier } = await authorizationUrl(await context.discovered(), {
    clientId: context.clientId,
    redirectUri,
    scope: options.scope ?? context.scope,
    ...(options.parameters && { parameters: options.parameters }),
  })
  const { returnTo } = options
  remember(context.name, state, { verifier, redirectUri, ...(returnTo !== undefined && { returnTo }) })
  await (options.open ?? ((href) => globalThis.location.assign(href)))(url)
}

/** Sign-ins that are remembered at most, those begun and those finished: anybody can open a callback's URL at a server. */
const mostRemembered = 1000
const callbacks = new Map<string, Promise<{ readonly returnTo: string | undefined }>>()

/** Exchanges the code that a callback brought, once for each `state`; see `Client.handleCallback`. */
export function finishSignIn(
  context: SignInContext,
  href: string,
): Promise<{ readonly returnTo: string | undefined }> {
  const url = new URL(href)
  const state = url.searchParams.get('state') ?? ''
  const running = callbacks.get(state) ?? exchange(context, url, state)
  put(callbacks, state, running)
  return running
}

function put<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > mostRemembered && oldest !== undefined) map.delete(oldest)
}

async function exchange(
  context: SignInContext,
  url: URL,
  state: string,
): Promise<{ readonly returnTo: string | undefined }> {
  const transaction = take(context.name, state)
  // First: a reload must not present the code again, which would end the grant that it made.
  if (url.href === globalThis.location?.href) {
    const clean = new URL(url)
    for (const name of ['code', 'state', 'iss', 'error', 'error_description']) clean.searchParams.delete(name)
    globalThis.history?.replaceState(globalThis.history.state, '', clean)
  }
  if (transaction === undefined) {
    throw new ClientError('sign_in_failed', 'This sign-in was not begun here, or is finished already.')
  }
  const { clientId, cookie, adopt, timeoutMs } = context
  // Under the lock: an answer that came after it was given back could replace a cookie that another tab has got since.
  const controller = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const fetcher: typeof fetch = (input, init) => {
    timer = setTimeout(() => controller.abort(), timeoutMs)
    return context.fetcher(input, { ...init, signal: controller.signal })
  }
  const metadata = await context.discovered()
  try {
    await adopt(() => exchangeCode(metadata, clientId, url, state, transaction, fetcher, cookie))
  } finally {
    clearTimeout(timer)
  }
  return { returnTo: transaction.returnTo }
}

// In this tab only, and taken once: another tab's callback is another sign-in.
const memory = new Map<string, string>()

function remember(name: string, state: string, transaction: Transaction): void {
  const text = JSON.stringify(transaction)
  if (typeof document === 'undefined') put(memory, state, text)
  else sessionStorage.setItem(`${name}:${state}`, text)
}

function take(name: string, state: string): Transaction | undefined {
  const entry = `${name}:${state}`
  const text = typeof document === 'undefined' ? memory.get(state) : sessionStorage.getItem(entry)
  memory.delete(state)
  if (typeof document !== 'undefined') sessionStorage.removeItem(entry)
  return text === null || text === undefined ? undefined : (JSON.parse(text) as Transaction)
}
