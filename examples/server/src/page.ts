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

export interface Page {
  readonly status?: number
  readonly title: string
  readonly content: Markup
  /** `form`: narrow, for one thing to do. `text` (default): wide enough to read. */
  readonly shape?: 'form' | 'text'
  /** Path under which the example's pages are found, '' or like '/tenant'. */
  readonly prefix: string
}

/** Sends a page that no cache keeps. Framing and the rest of the policy are helmet's to refuse. */
export function sendPage(res: Response, page: Page): void {
  res
    .status(page.status ?? 200)
    .set('cache-control', 'no-store')
    .type('html')
    .send(layout(page).text)
}

function layout({ title, content, shape = 'text', prefix }: Page): Markup {
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${prefix}/style.css">
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
