import type { ServerResponse } from 'node:http'
import type { UserSession } from './list-sessions.js'
import { html } from '../pages/html.js'
import type { Html } from '../pages/html.js'
import type { PageLook } from '../pages/look.js'
import { fill } from '../pages/texts.js'
import { writePage } from '../pages/write-page.js'

/** What has become of a form. */
export type SessionsNotice = 'ended' | 'gone' | 'stale' | { readonly endedOthers: number }

export interface SessionsPage {
  readonly look: PageLook
  readonly sessions: readonly UserSession[]
  readonly deviceOf: (userAgent: string | undefined) => string | undefined
  /** Who is signed in, as they know themselves. */
  readonly name: string | undefined
  /** Hidden field that each form brings back. */
  readonly formToken: Html
  readonly notice: SessionsNotice | undefined
  /** Query of the next page. */
  readonly more: string | undefined
  /** It is the first page. */
  readonly first: boolean
  /** The app knows which session is this browser's, so that the others can be named so. */
  readonly knowsCurrent: boolean
  /** In ms since the epoch. */
  readonly now: number
}

/**
 * The page "Where you are signed in". Works without script: each form posts to the page's own address, whatever path the
 * browser sees it at.
 */
export function writeSessionsPage(res: ServerResponse, page: SessionsPage): void {
  const { look, sessions, name, formToken, first, more, knowsCurrent } = page
  const { texts } = look
  const only = first && more === undefined && sessions.every(({ current }) => current)
  writePage(res, {
    look,
    status: page.notice === 'stale' ? 403 : 200,
    title: texts.sessionsTitle,
    wide: true,
    content: html`${noticeOf(page)}
    ${name === undefined ? '' : html`<p>${fill(texts.sessionsOf, { name: html`<strong><bdi>${name}</bdi></strong>` })}</p>`}
    ${
      sessions.length === 0
        ? html`<p>${texts.sessionsNone}</p>`
        : html`<p class="quiet">${texts.sessionsIntro}</p>
            <ul class="sessions" role="list">
              ${sessions.map((session) => item(page, session))}
            </ul>`
    }
    ${pager(page)}
    ${
      only
        ? ''
        : html`<form method="post">
            ${formToken}
            <div class="buttons">
              <button name="end" value="others">
                ${knowsCurrent ? texts.sessionsEndOthers : texts.sessionsEndAll}
              </button>
            </div>
          </form>`
    }`,
  })
}

function item(page: SessionsPage, { grant, clientName, current }: UserSession): Html {
  const { look, deviceOf, formToken, now } = page
  const { texts } = look
  const device =
    grant.unreadable === true
      ? texts.sessionUnreadable
      : (grant.label ?? deviceOf(grant.userAgent ?? grant.lastUserAgent) ?? texts.sessionUnknownDevice)
  const client = clientName ?? grant.clientId
  const date = time(grant.createdAt, dateIn(look.lang, grant.createdAt))
  const when = time(grant.lastUsedAt, agoIn(look.lang, grant.lastUsedAt, now))
  const since = place(texts.sessionSignedIn, texts.sessionSignedInFrom, { date }, grant.remoteAddress)
  const used = place(texts.sessionLastUsed, texts.sessionLastUsedFrom, { when }, grant.lastRemoteAddress)
  return html`<li>
    <h2><bdi>${device}</bdi>${current ? html` <span class="badge">${texts.sessionCurrent}</span>` : ''}</h2>
    <p><bdi>${client}</bdi></p>
    <p class="quiet">${used}</p>
    <p class="quiet">${since}</p>
    <form method="post">
      ${formToken}
      <input type="hidden" name="id" value="${grant.id}" />
      <button name="end" value="one" aria-label="${texts.sessionEnd}: ${device}, ${client}">
        ${texts.sessionEnd}
      </button>
    </form>
  </li> `
}

function place(
  without: string,
  from: string,
  values: Readonly<Record<string, Html>>,
  address: string | undefined,
): Html {
  return address === undefined
    ? fill(without, values)
    : fill(from, { ...values, address: html`<bdi>${address}</bdi>` })
}

function noticeOf({ notice, look }: SessionsPage): Html | string {
  const { texts } = look
  if (notice === undefined) return ''
  if (notice === 'stale') return html`<p class="notice" role="alert">${texts.sessionsFormStale}</p>`
  const text =
    notice === 'ended'
      ? texts.sessionEnded
      : notice === 'gone'
        ? texts.sessionGone
        : fill(texts.sessionsEnded, { count: new Intl.NumberFormat(look.lang).format(notice.endedOthers) })
  return html`<p class="notice" role="status">${text}</p>`
}

function pager({ look, first, more }: SessionsPage): Html | string {
  const { texts } = look
  if (first && more === undefined) return ''
  const back = first ? '' : html`<a href="?">${texts.sessionsFirst}</a> `
  return html`<p class="pager">
    ${back}${more === undefined ? '' : html`<a href="?${more}">${texts.sessionsMore}</a>`}
  </p>`
}

function time(ms: number, words: string): Html {
  return html`<time datetime="${new Date(ms).toISOString()}">${words}</time>`
}

// Nobody knows the browser's time zone without a script: a day is told by UTC, and what is recent as so long ago.
function dateIn(lang: string, ms: number): string {
  return new Intl.DateTimeFormat(lang, { dateStyle: 'long', timeZone: 'UTC' }).format(ms)
}

const units = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const

function agoIn(lang: string, ms: number, now: number): string {
  const format = new Intl.RelativeTimeFormat(lang, { numeric: 'auto' })
  // Another host's clock may be ahead.
  const seconds = Math.max(0, (now - ms) / 1000)
  const [unit, size] = units.find(([, each]) => seconds >= each) ?? ['second', Number.POSITIVE_INFINITY]
  return format.format(-Math.floor(seconds / size) || 0, unit)
}
