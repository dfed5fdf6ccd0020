import type { AuthorizationServer } from '@oauth-ratchet/core'
import type { RequestHandler } from 'express'
import { curlStory } from './curl-story.js'
import { markup } from './markup.js'
import type { Markup } from './markup.js'
import { sendPage } from './page.js'
import { formToken, sessionIn } from './session.js'

export interface HomePageOptions {
  readonly server: AuthorizationServer
  readonly prefix: string
  readonly now: () => number
  /** The demo clients are in use; with the file of their secrets where the page may name it. */
  readonly demo: { readonly secretsFile: string | undefined } | undefined
  /** `/demo/` is there, and the script that the buttons of this page are made by. */
  readonly hasDemoPage: boolean
}

/** What runs here, in plain words, and lines to try it with. */
export function homePage(options: HomePageOptions): RequestHandler {
  const { server, prefix, now, demo, hasDemoPage } = options
  return (req, res) => {
    // Without a look at the storage, so that the page is there in an outage: a session that has ended can be left here.
    const user = sessionIn(req, now())
    const content = markup`<p class="lead">An OAuth 2.0 authorization server with an API of notes behind it, in one Express app. Each refresh token
works once, for the next access and refresh token. One that comes back after that ends the session it belongs to.</p>
${hasDemoPage && demo ? demoButton(prefix) : undefined}
${user && signOutForm(prefix, user.subject, formToken(req))}
${demo ? demoParts(options, demo.secretsFile) : ownClients()}
${endpoints(server, prefix)}`
    const script = hasDemoPage ? `${prefix}/demo/copy-buttons.js` : undefined
    sendPage(res, { title: 'oauth-ratchet: the example server', content, script, prefix })
  }
}

function demoButton(prefix: string): Markup {
  return markup`<p><a class="button" href="${prefix}/demo/">Open the demo</a></p>
<p class="quiet">Sign in, refresh, open a second tab, lose an answer, steal a token, and watch what becomes of it. The users are
<code>alice</code> with the password <code>wonderland</code>, and <code>bob</code> with <code>builder</code>.</p>
<p class="quiet">Or read on: <a href="#shell">the whole story in a shell</a>, <a href="#browser">a code in the browser</a>,
<a href="#clients">users and clients</a>, <a href="#endpoints">what is where</a>.</p>`
}

function signOutForm(prefix: string, subject: string, token: string): Markup {
  return markup`<form class="row" method="post" action="${prefix}/sign-out">
<input type="hidden" name="form_token" value="${token}">
<p>This browser is signed in as <strong>${subject}</strong>.</p>
<button>Sign out</button>
<p class="quiet">Signing out ends the grants that were made in this browser session. <a href="${prefix}/account/sessions">Where
you are signed in</a> shows all of yours.</p>
</form>`
}

function demoParts({ server, prefix }: HomePageOptions, secretsFile: string | undefined): Markup {
  const { issuer, reuseGraceMs } = server.settings
  const base = issuer.replace(/\/$/, '')
  const story = curlStory({ base, secretsFile, reuseGrace: reuseGraceMs / 1000 })
  const scopes = [...server.settings.scopes].map(
    ([name, words]) => markup`<li><code>${name}</code>: ${words}</li>`,
  )
  return markup`<h2 id="shell">The whole story in a shell</h2>
<p>Paste the boxes one after the other into one shell on this machine; they keep what the next one needs in variables. The story
begins with the password grant because a shell cannot show a sign-in page: an app should use a code or a login route of its own.</p>
${story.map(
  (step, index) => markup`<h3>${index + 1}. ${step.title}</h3>
<pre><code>${step.lines.join('\n')}</code></pre>
<p>${step.seen}</p>`,
)}
<h2 id="browser">The same in the browser</h2>
<p><a href="${prefix}/try">Sign in as a user of the client <code>spa</code></a>: you are asked for a password and for consent, and
come back with a code and the line that redeems it.</p>
<h2 id="clients">Users and clients</h2>
<p>The users are <code>alice</code> with the password <code>wonderland</code>, and <code>bob</code> with <code>builder</code>.</p>
<table>
<thead><tr><th scope="col">Client</th><th scope="col">What it is</th><th scope="col">How it gets tokens</th></tr></thead>
<tbody>
<tr><td><code>spa</code></td><td>public, a page or an app on the device</td><td>code with PKCE, refresh</td></tr>
<tr><td><code>demo</code></td><td>public, the page <code>${prefix}/demo/</code></td><td>code with PKCE, refresh</td></tr>
<tr><td><code>account</code></td><td>public, an app that shows users their sessions</td><td>code with PKCE, refresh</td></tr>
<tr><td><code>web</code></td><td>confidential, a web server</td><td>code with PKCE, refresh</td></tr>
<tr><td><code>service</code></td><td>confidential, no user involved</td><td>client credentials</td></tr>
<tr><td><code>trusted</code></td><td>confidential, sees passwords: for old programs only</td><td>password, refresh</td></tr>
<tr><td><code>api</code></td><td>an API elsewhere</td><td>none; it may introspect other clients' tokens</td></tr>
</tbody>
</table>
<p>The secrets of the confidential ones were printed when the server started. The scopes are:</p>
<ul>
${scopes}
</ul>`
}

function ownClients(): Markup {
  return markup`<h2>Clients</h2>
<p>This server runs with the clients of its own <code>CLIENTS_FILE</code>. Its users are <code>alice</code> (<code>wonderland</code>)
and <code>bob</code> (<code>builder</code>). Without that file it has demo clients, and this page has lines to try them with.</p>`
}

function endpoints(server: AuthorizationServer, prefix: string): Markup {
  const { issuer, endpointUrl } = server.settings
  const metadata = `/.well-known/oauth-authorization-server${pathOf(issuer).replace(/\/$/, '')}`
  return markup`<h2 id="endpoints">What is where</h2>
<table>
<thead><tr><th scope="col">Address</th><th scope="col">What it does</th></tr></thead>
<tbody>
<tr><td><a href="${metadata}"><code>GET ${metadata}</code></a></td><td>tells programs all of the following (RFC 8414)</td></tr>
<tr><td><code>GET ${pathOf(endpointUrl('authorize'))}</code></td><td>where apps send a browser to sign in</td></tr>
<tr><td><code>POST ${pathOf(endpointUrl('token'))}</code></td><td>gives tokens and refreshes them</td></tr>
<tr><td><code>POST ${pathOf(endpointUrl('revoke'))}</code></td><td>ends a grant, or an access token</td></tr>
<tr><td><code>POST ${pathOf(endpointUrl('introspect'))}</code></td><td>tells an API about a token</td></tr>
<tr><td><a href="${pathOf(endpointUrl('jwks'))}"><code>GET ${pathOf(endpointUrl('jwks'))}</code></a></td><td>public keys of JWT access tokens</td></tr>
<tr><td><code>GET ${prefix}/api/me</code></td><td>who a token speaks for; any token will do</td></tr>
<tr><td><code>GET ${prefix}/api/notes</code></td><td>their notes; wants <code>notes:read</code></td></tr>
<tr><td><code>POST ${prefix}/api/notes</code></td><td>a new note, <code>{"text":"…"}</code>; wants <code>notes:write</code></td></tr>
<tr><td><a href="${prefix}/account/sessions"><code>GET ${prefix}/account/sessions</code></a></td><td>where a user is signed in, with buttons to sign out</td></tr>
<tr><td><code>GET ${prefix}/api/sessions</code></td><td>the same as JSON, and <code>DELETE</code>; wants <code>sessions</code></td></tr>
<tr><td><a href="${prefix}/health"><code>GET ${prefix}/health</code></a></td><td>200 while the storage answers</td></tr>
</tbody>
</table>`
}

function pathOf(url: string): string {
  return new URL(url).pathname
}
