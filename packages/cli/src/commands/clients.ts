import type { ClientWithSecret, NewClient, RegisteredClient } from '@oauth-ratchet/core'

import type { Command, Invocation, OptionDefinition } from '../command-line/command.js'
import { Failure, UsageError } from '../command-line/failure.js'
import { printable, table, time } from '../command-line/table.js'
import { operator } from '../configuration/operator.js'
import { withServer } from '../configuration/server.js'
import { clientsImport } from './clients-import.js'
import { sentence } from './client-failure.js'

const SECRET_ONCE = 'The secret is shown this once; only its hash is kept.'

const metadataOptions: Readonly<Record<string, OptionDefinition>> = {
  id: { value: 'client_id', help: 'client_id; default: one is made up' },
  name: { value: 'name', help: 'what the consent page calls it (client_name)' },
  public: { help: 'a client without a secret, as in a browser or on a phone' },
  'auth-method': { value: 'method', help: 'client_secret_basic (default) or client_secret_post' },
  'grant-type': {
    value: 'type',
    multiple: true,
    help: 'authorization_code (default), refresh_token or client_credentials',
  },
  'redirect-uri': { value: 'uri', multiple: true, help: 'compared as an exact string' },
  scope: { value: 'scopes', help: 'space-separated: all that it may ask for' },
  'may-introspect': { value: 'own|any', help: 'any: every access token, for resource servers' },
}

const create: Command = {
  name: 'clients create',
  summary: 'Register a client, and show its secret once',
  uses: 'server',
  options: metadataOptions,
  run: (invocation) =>
    withServer(
      invocation,
      async (server) => {
        const client = await server.clients.create(metadataOf(invocation), { by: operator() }).catch(sentence)
        invocation.output.result(client, () => withSecret(client))
        if (client.client_secret !== undefined) invocation.output.note(SECRET_ONCE)
        return 0
      },
      { mayCreate: true },
    ),
}

const list: Command = {
  name: 'clients list',
  summary: 'List the clients in the storage',
  details: 'Clients of the configuration are not among them.',
  uses: 'server',
  run: (invocation) =>
    withServer(invocation, async (server) => {
      const clients = await server.clients.list()
      const rows = clients.map((client) => [
        client.client_id,
        client.client_name ?? '',
        client.token_endpoint_auth_method === 'none' ? 'public' : 'confidential',
        (client.grant_types ?? ['authorization_code']).join(' '),
        time(client.client_id_issued_at * 1000),
        client.disabled === true ? 'disabled' : '',
      ])
      invocation.output.result(clients, () =>
        rows.length === 0
          ? 'There is no client in the storage.'
          : table(['CLIENT_ID', 'NAME', 'KIND', 'GRANT TYPES', 'CREATED', ''], rows),
      )
      return 0
    }),
}

const show: Command = {
  name: 'clients show',
  summary: 'Show what a client is registered with',
  arguments: ['<client_id>'],
  uses: 'server',
  run: (invocation) =>
    withServer(invocation, async (server) => {
      const client = found(await server.clients.get(idOf(invocation)), invocation)
      invocation.output.result(client, () => described(client))
      return 0
    }),
}

const rotateSecret: Command = {
  name: 'clients rotate-secret',
  summary: 'Give a client a new secret, and show it once',
  arguments: ['<client_id>'],
  uses: 'server',
  options: {
    overlap: { value: 'seconds', help: 'how long the secret before still works; default 0: not at all' },
  },
  run: (invocation) =>
    withServer(invocation, async (server) => {
      const overlap = secondsOf(invocation.options.text('overlap'))
      const rotated = await server.clients
        .rotateSecret(idOf(invocation), { overlap, by: operator() })
        .catch(sentence)
      const client = found(rotated, invocation)
      invocation.output.result(client, () => withSecret(client))
      invocation.output.note(
        overlap === 0
          ? `${SECRET_ONCE} The one before has ended.`
          : `${SECRET_ONCE} The one before works until ${time(Date.now() + overlap * 1000)}.`,
      )
      return 0
    }),
}

function toggle(disabled: boolean): Command {
  return {
    name: disabled ? 'clients disable' : 'clients enable',
    summary: disabled ? 'Refuse a client; its tokens are inactive' : 'Let a disabled client in again',
    details: 'Running servers hear of it within 5 seconds.',
    arguments: ['<client_id>'],
    uses: 'server',
    run: (invocation) =>
      withServer(invocation, async (server) => {
        const changed = await server.clients
          .disable(idOf(invocation), disabled, { by: operator() })
          .catch(sentence)
        const client = found(changed, invocation)
        invocation.output.result(
          client,
          () => `${printable(client.client_id)} is ${disabled ? 'disabled' : 'enabled'}.`,
        )
        return 0
      }),
  }
}

function metadataOf({ options }: Invocation): NewClient {
  const grantTypes = options.list('grant-type')
  const redirectUris = options.list('redirect-uri')
  const method = options.isSet('public') ? 'none' : options.text('auth-method')
  if (options.isSet('public') && options.text('auth-method') !== undefined) {
    throw new UsageError('A --public client has no secret, and so no --auth-method.')
  }
  const members = {
    client_id: options.text('id'),
    client_name: options.text('name'),
    token_endpoint_auth_method: method,
    grant_types: grantTypes.length === 0 ? undefined : grantTypes,
    redirect_uris: redirectUris.length === 0 ? undefined : redirectUris,
    scope: options.text('scope'),
    may_introspect: options.text('may-introspect'),
  }
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as NewClient
}

function secondsOf(text: string | undefined): number {
  if (text === undefined) return 0
  if (!/^\d{1,9}$/.test(text)) throw new UsageError('--overlap takes whole seconds.')
  return Number(text)
}

function idOf({ arguments: [id = ''] }: Invocation): string {
  return id
}

function found<Client>(client: Client | undefined, invocation: Invocation): Client {
  if (client !== undefined) return client
  throw new Failure(
    `There is no client ${JSON.stringify(idOf(invocation))} in the storage (for this issuer); clients of the configuration are changed there.`,
  )
}

function withSecret(client: ClientWithSecret): string {
  const { client_id: id, client_secret: secret } = client
  return [`client_id      ${printable(id)}`, `client_secret  ${secret ?? '(none: a public client)'}`].join(
    '\n',
  )
}

function described(client: RegisteredClient): string {
  const rows = Object.entries(client).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ])
  return table(['MEMBER', 'VALUE'], rows)
}

export const clientCommands: readonly Command[] = [
  create,
  list,
  show,
  rotateSecret,
  toggle(true),
  toggle(false),
  clientsImport,
]
