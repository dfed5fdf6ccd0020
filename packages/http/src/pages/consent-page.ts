import { isLoopbackHost } from '@oauth-ratchet/core'
import type { ServerResponse } from 'node:http'
import type { ConsentRequest } from '../authorization/callbacks.js'
import { html } from './html.js'
import type { Html } from './html.js'
import { lifetimeInWords } from './lifetime-in-words.js'
import type { PageLook } from './look.js'
import { fill, fillText } from './texts.js'
import { writePage } from './write-page.js'

export interface ConsentPage {
  readonly look: PageLook
  readonly request: ConsentRequest
  /** Who is signed in, as they know themselves. */
  readonly name: string | undefined
  /** The words that the app gave for a scope. */
  readonly descriptionOf: (scope: string) => string | undefined
}

/**
 * The built-in consent page: who asks, for what, for how long, in whose name, and where the browser goes next, with buttons
 * `decision=approve` and `decision=deny`. Works without JavaScript.
 */
export function writeConsentPage(res: ServerResponse, page: ConsentPage): void {
  const { client, form, redirectUri, scope } = page.request
  const { look } = page
  const { texts } = look
  const fields = Object.entries(form.fields).map(
    ([field, value]) => html`<input type="hidden" name="${field}" value="${value}" />`,
  )
  const lifetime = lifetimeInWords(look, page.request.lifetimes)
  const describe = (value: string) => look.scopes.get(value) ?? page.descriptionOf(value)
  writePage(res, {
    look,
    status: 200,
    title: fillText(texts.consentTitle, { client: displayName(client) }),
    content: html`${account(page)}
      <p class="quiet">${fill(texts.clientId, { id: html`<code>${client.client_id}</code>` })}</p>
      ${scopeList(look, scope, describe)} ${lifetime === undefined ? '' : html`<p>${lifetime}</p>`}
      <p>${destination(look, redirectUri)}</p>
      <form method="post" action="${form.action}">
        ${fields}
        <div class="buttons">
          <button class="primary" name="decision" value="approve">${texts.allow}</button>
          <button name="decision" value="deny">${texts.deny}</button>
        </div>
      </form>`,
  })
}

function account({ look, request, name }: ConsentPage): Html {
  const { texts } = look
  const link = (text: string) => html`<a href="${request.switchAccount}">${text}</a>`
  const shown = shorten((name ?? '').replaceAll(/\p{Cc}/gu, '').trim())
  if (shown === '') return html`<p>${link(texts.otherAccount)}</p>`
  // `bdi` keeps a name that turns the direction from turning what follows.
  const whose = fill(texts.signedInAs, { name: html`<strong><bdi>${shown}</bdi></strong>` })
  return html`<p>${whose} ${link(texts.notYou)}</p>`
}

function scopeList(
  { texts }: PageLook,
  scope: readonly string[],
  descriptionOf: (scope: string) => string | undefined,
): Html {
  if (scope.length === 0) return html`<p>${texts.asksForNothing}</p>`
  const items = scope.map((value) => {
    const description = descriptionOf(value)
    return description === undefined
      ? html`<li><code>${value}</code></li> `
      : html`<li>${description} <code class="quiet">${value}</code></li> `
  })
  // The role is for Safari, which takes a list without bullets for none.
  return html`<h2 id="scope">${texts.asksFor}</h2>
    <ul role="list" aria-labelledby="scope">
      ${items}
    </ul>`
}

// Characters that are not seen, or turn the direction of what follows, would let a name rewrite the sentence it is in.
function displayName(client: ConsentRequest['client']): string {
  const { client_name: name, client_id: id } = client
  const shown = typeof name === 'string' ? name.replaceAll(/[\p{Cc}\p{Cf}]/gu, '').trim() : ''
  return shown === '' ? id : shorten(shown)
}

/** By whole characters: half a pair is none. */
function shorten(text: string): string {
  return text.length <= 100 ? text : Array.from(text).slice(0, 100).join('')
}

function destination({ texts }: PageLook, redirectUri: string): Html {
  const { protocol, host, hostname } = new URL(redirectUri)
  if (protocol !== 'https:' && protocol !== 'http:')
    return fill(texts.destinationByScheme, { scheme: html`<strong>${protocol}</strong>` })
  // http is elsewhere only on a private network, in development.
  const onDevice = protocol === 'http:' && isLoopbackHost(hostname)
  const text = onDevice ? texts.destinationOnDevice : texts.destination
  return fill(text, { host: html`<strong>${host}</strong>` })
}
