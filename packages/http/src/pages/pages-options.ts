import type { IncomingMessage, ServerResponse } from 'node:http'
import type { PageTexts } from './texts.js'

/** How the built-in pages look and speak. What is left out stays as it is. */
export interface PagesOptions<Req = IncomingMessage, Res = ServerResponse> {
  /** Language of the texts, as a BCP 47 tag. Default `en`. */
  readonly lang?: string | undefined
  /** Direction of the texts. Default `ltr`. */
  readonly dir?: 'ltr' | 'rtl' | undefined
  /** Texts in place of the English ones. Each keeps its names in braces, since they say who asks and for what. */
  readonly texts?: { readonly [Name in keyof PageTexts]?: PageTexts[Name] | undefined } | undefined
  /** Words for scopes, in place of those of the server's option `scopes`. */
  readonly scopes?: Readonly<Record<string, string>> | undefined
  /** An image above the heading: a `data:image/…` URL, or a path on this server. Nothing else can be loaded. */
  readonly logo?: PageLogo | undefined
  /**
   * CSS after the built-in one, which takes its colours from `--ground`, `--card`, `--text`, `--quiet`, `--line`,
   * `--accent` and `--on-accent`. It loads no fonts and no images but from where the logo may come.
   */
  readonly style?: string | undefined
  /** Shows an error on a page of the app's own. */
  readonly errorPage?: ErrorPageCallback<Req, Res> | undefined
}

export interface PageLogo {
  readonly src: string
  /** What it says, for those who do not see it; empty where the heading says it too. */
  readonly alt: string
}

/** What an error page has to say. */
export interface PageError {
  /** 400 and above; set on the response already. */
  readonly status: number
  /** Of RFC 6749 §5.2, or `server_error`, `temporarily_unavailable`. */
  readonly code: string
  /** In English, for developers. */
  readonly message: string
  /** Where to begin the authorization anew, where that is known: a path of this server. */
  readonly startAgain: string | undefined
}

/**
 * Writes the error page and ends the response. Status, the error's headers, `Cache-Control: no-store`, and headers that
 * keep it from being framed are set. Escape what you show: `message` may have parts of the request in it. When it throws
 * before it has sent anything, the built-in page is shown.
 */
export type ErrorPageCallback<Req = IncomingMessage, Res = ServerResponse> = (
  req: Req,
  res: Res,
  error: PageError,
) => void | Promise<void>

/** The options, or a function that is asked for each page, for several languages or brands. */
export type PagesSource<Req = IncomingMessage, Res = ServerResponse> =
  PagesOptions<Req, Res> | ((req: Req) => PagesOptions<Req, Res>)
