import { formActionSource, isLoopbackHost } from '@oauth-ratchet/core'
import type { ServerResponse } from 'node:http'
import type { ConsentRequest } from '../callbacks.js'
import { html } from './html.js'
import type { Html } from './html.js'
import { writePage } from './write-page.js'

/**
 * The built-in consent page: who asks, for what, and where the browser goes next, with buttons `decision=approve` and
 * `decision=deny`. Works without JavaScript.
 *
 * @param descriptionOf the words that the app gave for a scope
 */
export function writeConsentPage(
  res: ServerResponse,
  request: ConsentRequest,
  descriptionOf: (scope: string) => string | undefined,
): void {
  const { client, form, redirectUri, scope } = request
  const name = displayName(client)
  const fields = Object.entries(form.fields).map(
    ([field, value]) => html`<input type="hidden" name="${field}" value="${value}" />`,
  )
  writePage(res, {
    status: 200,
    title: `Allow “${name}” to use your account?`,
    formAction: `'self' ${formActionSource(redirectUri)}`,
    content: html`<p class="quiet">Client ID: <code>${client.client_id}</code></p>
      ${scopeList(scope, descriptionOf)}
      <p>Either way you will be sent on to ${destination(redirectUri)}.</p>
      <form method="post" action="${form.action}">
        ${fields}
        <div class="buttons">
          <button class="primary" name="decision" value="approve">Allow</button>
          <button name="decision" value="deny">Deny</button>
        </div>
      </form>`,
  })
}

function scopeList(scope: readonly string[], descriptionOf: (scope: string) => string | undefined): Html {
  if (scope.length === 0) return html`<p>It asks for nothing but to know your account.</p>`
  const items = scope.map((value) => {
    const description = descriptionOf(value)
    return description === undefined
      ? html`<li><code>${value}</code></li> `
      : html`<li>${description} <code class="quiet">${value}</code></li> `
  })
  return html`<h2 id="scope">It asks for:</h2>
    <ul aria-labelledby="scope">
      ${items}
    </ul>`
}

// Characters that are not seen, or turn the direction of what follows, would let a name rewrite the sentence it is in.
function displayName(client: ConsentRequest['client']): string {
  const { client_name: name, client_id: id } = client
  const shown = typeof name === 'string' ? name.replaceAll(/[\p{Cc}\p{Cf}]/gu, '').trim() : ''
  return shown === '' ? id : shown.slice(0, 100)
}

function destination(redirectUri: string): Html {
  const url = new URL(redirectUri)
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return html`the app on this device that opens <strong>${url.protocol}</strong> links`
  // http is elsewhere only on a private network, in development.
  if (url.protocol === 'http:' && isLoopbackHost(url.hostname))
    return html`a program on this device (<strong>${url.host}</strong>)`
  return html`<strong>${url.host}</strong>`
}
