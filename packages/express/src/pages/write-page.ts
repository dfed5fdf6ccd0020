import type { ServerResponse } from 'node:http'
import { writeResponse } from '../write-response.js'
import { html } from './html.js'
import type { Html } from './html.js'
import { styleElement, styleSource } from './style.js'

export interface Page {
  readonly status: number
  readonly title: string
  readonly content: Html
  /** Where forms of the page may lead, redirects included. Default: nowhere. */
  readonly formAction?: string
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Writes a page that cannot be framed, cached, or made to load or run anything, and that tells nobody where the user
 * came from. Replaces what the app's helmet has set of the same headers.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9700#section-4.16
 */
export function writePage(res: ServerResponse, page: Page): void {
  const policy = [
    "default-src 'none'",
    `style-src ${styleSource}`,
    `form-action ${page.formAction ?? "'none'"}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ]
  writeResponse(res, {
    status: page.status,
    headers: {
      ...page.headers,
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy.join('; '),
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    },
    body: layout(page).text,
  })
}

function layout({ title, content }: Page): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        ${styleElement}
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${content}
        </main>
      </body>
    </html> `
}
