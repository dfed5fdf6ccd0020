// What is measured beside refreshes, in groups whose first is the yardstick. As subjects.mjs says; and `mode` is what a
// request does with its token: `keep`, the same one again, or `spend`, each once.
import { clientSecret, codeVerifier, redirectUri } from './subjects/client-credentials.mjs'

const bare = { module: './subjects/bare-routes.mjs', kind: 'bare' }
const ratchet = { module: './subjects/ratchet-operations.mjs', kind: 'ours' }

const guarded = { path: '/notes', headers: 'Authorization: Bearer {token}', mode: 'keep' }
const introspection = { path: '/oauth/introspect', form: 'token=', mode: 'keep' }
const basicOf = (clientId) =>
  `Authorization: Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`
const jwt = {
  ...ratchet,
  ...guarded,
  name: '`requireToken`, JWT, `checkGrant: false`',
  variant: 'jwt access',
}
const opaque = { ...ratchet, ...guarded, name: '`requireToken`, opaque', variant: 'opaque access' }
/** What is remembered of a token that was seen before is of no use here. */
const once = (subject) => ({ ...subject, name: `${subject.name}, each token once`, mode: 'spend' })
const codeForm = new URLSearchParams({
  grant_type: 'authorization_code',
  client_id: 'app',
  redirect_uri: redirectUri,
  code_verifier: codeVerifier,
})

export const operations = [
  [{ ...bare, ...guarded, name: 'bare Express, GET, one read', variant: 'get' }, opaque, once(opaque), jwt],
  [
    { ...bare, ...guarded, name: 'bare Express, GET, no read', variant: 'get without a read' },
    jwt,
    once(jwt),
  ],
  [
    { ...bare, ...introspection, name: 'bare Express, POST, one read', variant: 'post' },
    {
      ...ratchet,
      ...introspection,
      headers: basicOf('web'),
      name: 'introspection, opaque',
      variant: 'opaque access',
    },
  ],
  [
    {
      kind: 'bare',
      module: './subjects/bare.mjs',
      name: 'bare Express, POST, one `EVALSHA`',
      variant: 'express redis',
      path: '/oauth/token',
      form: 'grant_type=refresh_token&client_id=app&refresh_token=',
      mode: 'spend',
    },
    {
      ...ratchet,
      name: 'revocation of a refresh token',
      variant: 'opaque refresh',
      path: '/oauth/revoke',
      form: 'client_id=app&token=',
      mode: 'spend',
    },
    {
      ...ratchet,
      name: 'code exchange with PKCE',
      variant: 'opaque code',
      path: '/oauth/token',
      form: `${codeForm}&code=`,
      mode: 'spend',
    },
    {
      ...ratchet,
      name: 'password grant',
      variant: 'opaque user',
      path: '/oauth/token',
      headers: basicOf('trusted'),
      form: 'grant_type=password&password=wonderland&username=',
      mode: 'spend',
    },
  ],
]
