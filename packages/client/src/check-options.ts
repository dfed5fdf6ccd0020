import type { ClientOptions } from './client-options.js'
import { ClientError } from './errors.js'
import { originOf } from './fetch/origin-of.js'

const names =
  'issuer clientId store lock resources redirectUri scope metadata idempotencyKey random fetch timeout now'
const stores = 'memory sessionStorage localStorage cookie'

/**
 * Refuses what cannot work, before anything is sent.
 *
 * @param options from JavaScript also anything else
 * @throws ClientError `configuration`
 */
export function checkOptions(options: ClientOptions): void {
  for (const name in options) checkName('option', name, names)
  const { issuer, clientId, store = 'memory', lock, resources = [], metadata, timeout = 8 } = options ?? {}
  const check = (name: keyof ClientOptions, good: unknown, wanted: string): void => {
    if (!good) fail(`${name} is ${JSON.stringify(options?.[name])}: write ${wanted}.`)
  }
  const { get, set, remove } = Object(store) as Record<string, unknown>
  check('issuer', isUrl(issuer) && !/[?#]/.test(issuer), 'its absolute URL')
  check('clientId', clientId, 'a client_id')
  check(
    'store',
    stores.split(' ').includes(store as string) || (get && set && remove),
    `${stores} or { get, set, remove }`,
  )
  check('lock', lock === undefined || Object(lock).acquire, '{ acquire }')
  check('resources', Array.isArray(resources) && resources.every(isUrl), 'a list of absolute URLs')
  check('timeout', timeout > 0 && timeout <= 9, 'seconds, at most 9')
  check(
    'metadata',
    metadata === undefined || (metadata?.issuer === issuer && isUrl(metadata.token_endpoint)),
    'the issuer’s, with token_endpoint',
  )
}

/**
 * @param known names, separated by spaces
 * @throws ClientError `configuration` for another name, with the one that was probably meant
 */
export function checkName(what: string, name: string, known: string): void {
  const all = known.split(' ')
  if (all.includes(name)) return
  fail(`There is no ${what} ${name}: write ${all.find((one) => start(one) === start(name)) ?? known}.`)
}

/** As far as two names must be alike for one to be meant by the other. */
function start(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z]/g, '')
    .slice(0, 6)
}

function isUrl(value: unknown): value is string {
  return /^https?:\/\//i.test(value as string) && originOf(value as string) !== undefined
}

function fail(message: string): never {
  throw new ClientError('configuration', message)
}
