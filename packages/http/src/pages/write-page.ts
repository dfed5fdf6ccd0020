import type { ServerResponse } from 'node:http'
import { writeResponse } from '../messages/write-response.js'
import { Html, html } from './html.js'
import type { PageLook } from './look.js'
import { styleWith } from './style.js'

export interface Page {
  readonly look: PageLook
  readonly status: number
  readonly title: string
  readonly content: Html
  readonly headers?: Readonly<Record<string, string>>
  /** For what is a list and no question. */
  readonly wide?: boolean
}

/** What every page that a user sees has: it cannot be framed or cached, and tells nobody where the user came from. */
export const pageHeaders = {
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
}

/**
 * Writes a page that cannot be made to load or run anything either. Replaces what the app's helmet has set of the same
 * headers. The policy has no `form-action`: Chromium applies it to every redirect after the post, and a client's
 * redirect URI may lead on to any other origin.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9700#section-4.16
 */
export function writePage(res: ServerResponse, page: Page): void {
  const { logo, style } = page.look
  const { element, source } = styleWith(style)
  const images = logo && `img-src ${logo.src.startsWith('data:') ? 'data:' : "'self'"}`
  const policy = [
    "default-src 'none'",
    `style-src ${source}`,
    ...(images === undefined ? [] : [images]),
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ]
  writeResponse(res, {
    status: page.status,
    headers: {
      ...page.headers,
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy.join('; '),
      ...pageHeaders,
    },
    body: layout(page, element).text,
  })
}

function layout({ look, title, content, wide }: Page, style: Html): Html {
  const { lang, dir, logo } = look
  return html`<!doctype html>
    <html lang="${lang}" dir="${dir}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        ${style}
      </head>
      <body>
        <main${wide === true ? new Html(' class="wide"') : ''}>
          ${logo === undefined ? '' : html`<img class="logo" src="${logo.src}" alt="${logo.alt}" />`}
          <h1>${title}</h1>
          ${content}
        </main>
      </body>
    </html> `
}
