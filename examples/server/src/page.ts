import type { Response } from 'express'
import { markup } from './markup.js'
import type { Markup } from './markup.js'

/**
 * What every page of the example may load: nothing that is not its own. Where forms may lead is left open: a sign-in is
 * followed by redirects to a client and wherever its callback goes on to, and Chromium applies `form-action` to all.
 */
export const pagePolicy = {
  defaultSrc: ["'none'"],
  styleSrc: ["'self'"],
  imgSrc: ['data:'],
  frameAncestors: ["'none'"],
  baseUri: ["'none'"],
} as const

/** The value of the header for a page that may do more, e.g. run scripts. */
export function policyHeader(more: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries({ ...pagePolicy, ...more })
    .map(
      ([name, values]) =>
        `${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} ${values.join(' ')}`,
    )
    .join(';')
}

export interface Page {
  readonly status?: number
  readonly title: string
  readonly content: Markup
  /** `form`: narrow, for one thing to do. `text` (default): wide enough to read. */
  readonly shape?: 'form' | 'text'
  /** Address of a module that the page runs. Default: no script at all. */
  readonly script?: string | undefined
  /** Path under which the example's pages are found, '' or like '/tenant'. */
  readonly prefix: string
}

/** Sends a page that no cache keeps. Framing and the rest of the policy are helmet's to refuse. */
export function sendPage(res: Response, page: Page): void {
  if (page.script !== undefined) res.set('content-security-policy', policyHeader({ scriptSrc: ["'self'"] }))
  res
    .status(page.status ?? 200)
    .set('cache-control', 'no-store')
    .type('html')
    .send(layout(page).text)
}

function layout({ title, content, shape = 'text', script, prefix }: Page): Markup {
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${prefix}/style.css">
${script === undefined ? undefined : markup`<script type="module" src="${script}"></script>`}
</head>
<body class="${shape}">
<main>
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`
}
