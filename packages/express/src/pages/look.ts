import { ConfigurationError } from '@oauth-ratchet/core'
import type { ErrorPageCallback, PageLogo, PagesOptions } from './pages-options.js'
import { englishTexts, placeholdersOf } from './texts.js'
import type { PageTexts } from './texts.js'

/** The `pages` options, checked, with what was left out filled in. */
export interface Look {
  readonly lang: string
  readonly dir: 'ltr' | 'rtl'
  readonly texts: PageTexts
  readonly scopes: ReadonlyMap<string, string>
  readonly logo: PageLogo | undefined
  readonly style: string
  readonly errorPage: ErrorPageCallback | undefined
}

const names = ['lang', 'dir', 'texts', 'scopes', 'logo', 'style', 'errorPage']

/** @throws ConfigurationError `express.pages` */
export function lookOf(options: PagesOptions): Look {
  checkNames('pages', options, names)
  const { lang = 'en', dir = 'ltr', texts = {}, scopes = {}, logo, style = '', errorPage } = options
  if (!isLanguage(lang)) refuse('lang', "must be a language tag like 'de' or 'pt-BR'")
  if (dir !== 'ltr' && dir !== 'rtl') refuse('dir', "must be 'ltr' or 'rtl'")
  checkTexts(texts)
  checkNames('pages.scopes', scopes)
  if (Object.values(scopes).some((words) => typeof words !== 'string')) refuse('scopes', 'must be strings')
  if (logo !== undefined) checkLogo(logo)
  // The style stands in an element of its own, which this would close.
  if (typeof style !== 'string' || /<\/style/i.test(style)) refuse('style', 'must be CSS, without </style')
  if (errorPage !== undefined && typeof errorPage !== 'function') refuse('errorPage', 'must be a function')
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
export const plainLook = lookOf({})

function checkTexts(texts: Readonly<Record<string, unknown>>): void {
  checkNames('pages.texts', texts, Object.keys(englishTexts))
  for (const [name, text] of Object.entries(texts)) {
    if (text === undefined) continue
    const wanted = placeholdersOf(englishTexts[name as keyof PageTexts])
    const fits = typeof text === 'string' && text !== '' && placeholdersOf(text).join() === wanted.join()
    const braces = wanted.map((placeholder) => `{${placeholder}}`).join(', ')
    if (!fits) refuse(`texts.${name}`, `must be a text with ${braces || 'no names'} in braces`)
  }
}

function checkLogo(logo: unknown): void {
  checkNames('pages.logo', logo, ['src', 'alt'])
  const { src, alt } = logo as { src?: unknown; alt?: unknown }
  // A path of this server: `//` and `/\` would lead to another host.
  if (typeof src !== 'string' || !/^(data:image\/|\/(?![/\\]))/.test(src))
    refuse('logo.src', 'must be a data:image/ URL, or a path on this server that begins with one slash')
  if (typeof alt !== 'string') refuse('logo.alt', "must be a text, or '' where the heading says it too")
}

function checkNames(name: string, value: unknown, known?: readonly string[]): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ConfigurationError('express.pages', `oauthRouter: ${name} must be an object.`)
  }
  const unknown = known && Object.keys(value).find((key) => !known.includes(key))
  if (unknown !== undefined) {
    throw new ConfigurationError(
      'express.pages',
      `oauthRouter: ${name} has no ${JSON.stringify(unknown)}; it has ${(known ?? []).join(', ')}.`,
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

function refuse(name: string, demand: string): never {
  throw new ConfigurationError('express.pages', `oauthRouter: pages.${name} ${demand}.`)
}
