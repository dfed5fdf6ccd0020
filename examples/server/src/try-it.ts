import { createHash } from 'node:crypto'
import type { AuthorizationServer } from '@oauth-ratchet/core'
import { Router } from 'express'
import { quoted } from './curl-story.js'
import { callbackOf } from './demo-clients.js'
import { markup } from './markup.js'
import type { Markup } from './markup.js'
import { sendPage } from './page.js'
import { attemptOf, beginAttempt } from './session.js'

/** The client `spa` played by the example itself: `/try` begins an authorization, `/callback` shows what comes of it. */
export function tryItRouter(server: AuthorizationServer, prefix: string): Router {
  const { issuer, endpointUrl } = server.settings
  const router = Router()

  router.get('/try', (req, res) => {
    const { state, verifier } = beginAttempt(req)
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: 'spa',
      redirect_uri: callbackOf(issuer),
      scope: 'notes:read notes:write',
      state,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    })
    res.set('cache-control', 'no-store').redirect(303, `${endpointUrl('authorize')}?${query.toString()}`)
  })

  router.get('/callback', (req, res) => {
    const { code, state, iss, error } = textsOf(req.query)
    const verifier = attemptOf(req, state)?.verifier
    const send = (title: string, content: Markup) => {
      const back = markup`${content}
<p><a href="${prefix}/">Back to the first page</a></p>`
      sendPage(res, { title, content: back, prefix })
    }
    if (error !== undefined) {
      return send('No code came back', markup`<p>The server answered <code>${error}</code>.</p>`)
    }
    // Whoever makes a link can write anything into it, and the reader is going to paste this into a shell.
    if (code === undefined || !/^[\w.~-]{1,512}$/.test(code)) {
      return send('No code came back', markup`<p>There is none in the address of this page.</p>`)
    }
    if (iss !== issuer) {
      return send(
        'This answer is not from this server',
        markup`<p>The answer does not name this server as its issuer (RFC 9207).</p>`,
      )
    }
    const lines = [
      `BASE=${quoted(issuer.replace(/\/$/, ''))}`,
      ...(verifier === undefined ? [] : [`VERIFIER=${verifier}`]),
      `curl -s -d grant_type=authorization_code -d client_id=spa -d redirect_uri=${quoted(callbackOf(issuer))} ` +
        `-d code=${code} -d "code_verifier=$VERIFIER" "$BASE/oauth/token"; echo`,
    ]
    return send(
      'A code came back',
      markup`<p>It is good once, for ${server.settings.codeLifetimeMs / 1000} seconds. This redeems it:</p>
<pre><code>${lines.join('\n')}</code></pre>
${
  verifier === undefined
    ? markup`<p>This browser did not begin the authorization here, so <code>VERIFIER</code> must be the
<code>code_verifier</code> of whoever did.</p>`
    : undefined
}
<p>Paste it a second time, and see: the code is refused, and the tokens that it gave are dead.</p>`,
    )
  })
  return router
}

function textsOf(query: Readonly<Record<string, unknown>>): Readonly<Record<string, string | undefined>> {
  const texts = Object.entries(query).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  )
  return Object.fromEntries(texts)
}
