import type { IncomingMessage, ServerResponse } from 'node:http'
import { httpCaller, misuse } from '../caller/caller.js'
import type { Caller } from '../caller/caller.js'
import type { ErrorPageCallback, PageLogo, PagesOptions } from './pages-options.js'
import { englishTexts, placeholdersOf } from './texts.js'
import type { PageTexts } from './texts.js'

/** What the built-in pages are made of. */
export interface PageLook {
  readonly lang: string
  readonly dir: 'ltr' | 'rtl'
  readonly texts: PageTexts
  readonly scopes: ReadonlyMap<string, string>
  readonly logo: PageLogo | undefined
  readonly style: string
}

/** The `pages` options, checked, with what was left out filled in. */
export interface Look<Req = IncomingMessage, Res = ServerResponse> extends PageLook {
  readonly errorPage: ErrorPageCallback<Req, Res> | undefined
}

const names = ['lang', 'dir', 'texts', 'scopes', 'logo', 'style', 'errorPage']

/** @throws ConfigurationError `pages`, with the beginning of the caller's codes */
export function lookOf<Req, Res>(caller: Caller, options: PagesOptions<Req, Res>): Look<Req, Res> {
  checkNames(caller, 'pages', options, names)
  const { lang = 'en', dir = 'ltr', texts = {}, scopes = {}, logo, style = '', errorPage } = options
  if (!isLanguage(lang)) refuse(caller, 'lang', "must be a language tag like 'de' or 'pt-BR'")
  if (dir !== 'ltr' && dir !== 'rtl') refuse(caller, 'dir', "must be 'ltr' or 'rtl'")
  checkTexts(caller, texts)
  checkNames(caller, 'pages.scopes', scopes)
  if (Object.values(scopes).some((words) => typeof words !== 'string'))
    refuse(caller, 'scopes', 'must be strings')
  if (logo !== undefined) checkLogo(caller, logo)
  // The style stands in an element of its own, which this would close.
  if (typeof style !== 'string' || /<\/style/i.test(style))
    refuse(caller, 'style', 'must be CSS, without </style')
  if (errorPage !== undefined && typeof errorPage !== 'function')
    refuse(caller, 'errorPage', 'must be a function')
  const given = Object.entries(texts).filter(([, text]) => text !== undefined)
  return {
    lang,
    dir,
    texts: { ...englishTexts, ...(Object.fromEntries(given) as Partial<PageTexts>) },
    scopes: new Map(Object.entries(scopes)),
    logo,
    style,
    errorPage,
  }
}

/** The built-in look. */
export const plainLook: Look = lookOf(httpCaller, {})

function checkTexts(caller: Caller, texts: Readonly<Record<string, unknown>>): void {
  checkNames(caller, 'pages.texts', texts, Object.keys(englishTexts))
  for (const [name, text] of Object.entries(texts)) {
    if (text === undefined) continue
    const wanted = placeholdersOf(englishTexts[name as keyof PageTexts])
    const fits = typeof text === 'string' && text !== '' && placeholdersOf(text).join() === wanted.join()
    const braces = wanted.map((placeholder) => `{${placeholder}}`).join(', ')
    if (!fits) refuse(caller, `texts.${name}`, `must be a text with ${braces || 'no names'} in braces`)
  }
}

function checkLogo(caller: Caller, logo: unknown): void {
  checkNames(caller, 'pages.logo', logo, ['src', 'alt'])
  const { src, alt } = logo as { src?: unknown; alt?: unknown }
  // A path of this server: `//` and `/\` would lead to another host.
  if (typeof src !== 'string' || !/^(data:image\/|\/(?![/\\]))/.test(src))
    refuse(
      caller,
      'logo.src',
      'must be a data:image/ URL, or a path on this server that begins with one slash',
    )
  if (typeof alt !== 'string')
    refuse(caller, 'logo.alt', "must be a text, or '' where the heading says it too")
}

function checkNames(caller: Caller, name: string, value: unknown, known?: readonly string[]): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw misuse(caller, 'pages', `${caller.maker}: ${name} must be an object.`)
  }
  const unknown = known && Object.keys(value).find((key) => !known.includes(key))
  if (unknown !== undefined) {
    throw misuse(
      caller,
      'pages',
      `${caller.maker}: ${name} has no ${JSON.stringify(unknown)}; it has ${(known ?? []).join(', ')}.`,
    )
  }
}

function isLanguage(lang: unknown): boolean {
  try {
    return typeof lang === 'string' && Intl.getCanonicalLocales(lang).length === 1
  } catch {
    return false
  }
}

function refuse(caller: Caller, name: string, demand: string): never {
  throw misuse(caller, 'pages', `${caller.maker}: pages.${name} ${demand}.`)
}
