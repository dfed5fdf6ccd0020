// What is compared. Each subject is a module whose `start(variant, urls)` answers a server that is to be measured:
//   server   an http.Server that does not listen yet
//   issue    async () => a first refresh token of a new session
//   close    async () => ends what it opened
// `form` is the request's body up to the refresh token, `headers` is one more line of the request. `repeats`: stores what
// another one does; `grows`: is measured with many live sessions.

import { clientSecret } from './subjects/client-credentials.mjs'

const publicForm = 'grant_type=refresh_token&client_id=app&refresh_token='
const confidentialForm = 'grant_type=refresh_token&refresh_token='
const basic = `Authorization: Basic ${Buffer.from(`web:${clientSecret}`).toString('base64')}`

const ratchet = { module: './subjects/ratchet.mjs', path: '/oauth/token', form: publicForm, kind: 'ours' }
const bare = { module: './subjects/bare.mjs', path: '/oauth/token', form: publicForm, kind: 'bare' }
const peer = { path: '/oauth/token', form: publicForm, kind: 'peer', grows: true }

/** By group: what uses the same store is compared with the group's first, its yardstick. */
export const groups = {
  redis: [
    { ...bare, name: 'bare Express', variant: 'express redis', grows: true },
    {
      ...bare,
      name: 'bare Express, `enableAutoPipelining`',
      variant: 'express redis-pipelined',
      repeats: true,
    },
    { ...bare, name: 'bare Express, own body reader and `end`', variant: 'lean redis', repeats: true },
    { ...bare, name: 'bare `node:http`', variant: 'http redis', repeats: true },
    { ...ratchet, name: 'ratchet, opaque', variant: 'express redis opaque', grows: true },
    { ...ratchet, name: 'ratchet on `node:http`, opaque', variant: 'http redis opaque', repeats: true },
    {
      ...ratchet,
      name: 'ratchet, opaque, `enableAutoPipelining`',
      variant: 'express redis pipelined',
      repeats: true,
    },
    {
      ...ratchet,
      name: 'ratchet, ES256 and Basic',
      variant: 'express redis jwt',
      form: confidentialForm,
      headers: basic,
    },
    { ...peer, name: '`@node-oauth/oauth2-server`', module: '../peers/node-oauth.mjs' },
    { ...peer, name: '`@jmondi/oauth2-server`', module: '../peers/jmondi.mjs' },
    { ...peer, name: '`oidc-provider`', module: '../peers/oidc-provider.mjs', path: '/token' },
  ],
  memory: [
    { ...bare, name: 'bare Express, in memory', variant: 'express memory' },
    { ...ratchet, name: 'ratchet, in memory', variant: 'express memory opaque' },
  ],
  'sqlite NORMAL': [
    { ...bare, name: 'bare Express, SQLite NORMAL', variant: 'express sqlite-NORMAL' },
    { ...ratchet, name: 'ratchet, SQLite NORMAL', variant: 'express sqlite-NORMAL opaque' },
  ],
  'sqlite FULL': [
    { ...bare, name: 'bare Express, SQLite FULL', variant: 'express sqlite-FULL' },
    { ...ratchet, name: 'ratchet, SQLite FULL', variant: 'express sqlite-FULL opaque' },
  ],
  mongodb: [
    { ...bare, name: 'bare Express, MongoDB', variant: 'express mongodb' },
    { ...ratchet, name: 'ratchet, MongoDB', variant: 'express mongodb opaque' },
  ],
}

/** Only in the table of safety: what a grace changes, and what a key does that all uses have in common. */
export const forgiving = [
  { ...ratchet, name: 'ratchet, opaque, `reuse_grace: 10`', variant: 'express redis grace' },
  {
    ...ratchet,
    name: 'ratchet, opaque, `Idempotency-Key`',
    variant: 'express redis opaque',
    headers: 'Idempotency-Key: the-same-for-all',
  },
]
