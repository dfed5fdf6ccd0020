import { createAuthorizationServer, MemoryStorage } from '@oauth-ratchet/core'
import type { AuthorizationServer, ClientWithSecret, NewClient } from '@oauth-ratchet/core'

import type { Command, Invocation } from '../command-line/command.js'
import { Failure } from '../command-line/failure.js'
import { readStandardInput } from '../command-line/read-standard-input.js'
import { printable, table } from '../command-line/table.js'
import { operator } from '../configuration/operator.js'
import { parseClients, readClients, withServer } from '../configuration/server.js'
import { warningsDuring } from '../configuration/warnings-during.js'
import { sentence } from './client-failure.js'
import { newSecret } from './new-secret.js'

/** Some 100,000 clients. */
const MOST_BYTES = 64 * 1024 * 1024

export const clientsImport: Command = {
  name: 'clients import',
  summary: 'Register the clients of a JSON file',
  details:
    'The file, or with - standard input, holds an array of client metadata in the names of RFC 7591. All are checked before ' +
    'the first is registered. A client_secret in it goes on: its hash is kept, and it is not shown. Each confidential client ' +
    'without one gets a new secret, which is shown once.',
  arguments: ['<file.json>'],
  uses: 'server',
  options: {
    'skip-existing': { help: 'leave out clients whose client_id is taken, in place of refusing the file' },
    'new-secrets': { help: 'leave out client_secret, and make new ones' },
  },
  run: (invocation) =>
    withServer(
      invocation,
      async (server) => {
        const wanted = await chosen(server, invocation)
        const { result, warnings } = await warningsDuring(() => registerAll(wanted, server))
        const { imported, failure } = result
        invocation.output.result(
          imported.map(({ client }) => client),
          () => (imported.length === 0 ? 'No client was registered.' : secretsOf(imported)),
        )
        if (imported.some(({ client }) => client.client_secret !== undefined)) {
          invocation.output.note('The secrets are shown this once; only their hashes are kept.')
        }
        for (const { message } of warnings) invocation.output.note(`Warning: ${message}`)
        if (failure !== undefined) {
          invocation.output.note(
            `${imported.length} of ${wanted.length} clients were registered before it failed.`,
          )
          sentence(failure)
        }
        return 0
      },
      { mayCreate: true },
    ),
}

interface WantedClient {
  readonly metadata: NewClient
  /** The one that it has, at the server that it comes from. */
  readonly secret: string | undefined
}

interface ImportedClient {
  readonly client: ClientWithSecret
  readonly isKept: boolean
}

/**
 * The clients to register.
 *
 * @throws Failure for a client that cannot be, or is registered already
 */
async function chosen(
  server: AuthorizationServer,
  { arguments: [file = ''], options }: Invocation,
): Promise<readonly WantedClient[]> {
  const given =
    file === '-'
      ? parseClients(await readStandardInput('client metadata', MOST_BYTES), 'Standard input')
      : readClients(file, 'The file')
  const clients = given.map((metadata) => wantedClient(metadata, options.isSet('new-secrets')))
  const existing = new Set((await server.clients.list()).map(({ client_id: id }) => id))
  const isTaken = ({ metadata: { client_id: id } }: WantedClient): boolean =>
    id !== undefined && existing.has(id)
  const taken = clients.filter(isTaken)
  if (taken.length > 0 && !options.isSet('skip-existing')) {
    const ids = taken.map(({ metadata }) => printable(metadata.client_id ?? ''))
    throw new Failure(`Registered already: ${ids.join(', ')}. With --skip-existing they are left out.`)
  }
  const wanted = clients.filter((client) => !isTaken(client))
  await warningsDuring(() => rehearse(wanted, server))
  return wanted
}

function wantedClient(given: Readonly<Record<string, unknown>>, makesNewSecrets: boolean): WantedClient {
  const {
    client_secret: secret,
    client_secret_expires_at: expiresAt,
    client_id_issued_at: _,
    ...metadata
  } = given
  const id = JSON.stringify(metadata['client_id'] ?? '(without an id)')
  if (secret === undefined || secret === null || secret === '' || makesNewSecrets) {
    return { metadata, secret: undefined }
  }
  if (typeof secret !== 'string') throw new Failure(`Client ${id}: client_secret must be a string.`)
  // It would go on without an end.
  if (expiresAt !== undefined && expiresAt !== null && expiresAt !== 0) {
    throw new Failure(
      `Client ${id}: its secret expires (client_secret_expires_at), and here none does. Make it 0 to keep the secret for good, ` +
        'or take client_secret away to have a new one.',
    )
  }
  return { metadata, secret }
}

/** Registers them where nothing is kept, so that a mistake in the last one is found before the first is registered. */
async function rehearse(clients: readonly WantedClient[], { settings }: AuthorizationServer): Promise<void> {
  const rehearsal = createAuthorizationServer({
    issuer: settings.issuer,
    secrets: [newSecret()],
    storage: new MemoryStorage(),
    sweepInterval: 0,
    ...(settings.insecureRedirectUris && { allowInsecureIssuer: 'private-network' }),
    ...(settings.offersPassword && { authenticateUser: () => undefined }),
  })
  for (const { metadata, secret } of clients) {
    await rehearsal.clients.create(metadata, secretOption(secret)).catch(sentence)
  }
}

/** What was registered before a failure is answered too: nobody sees its new secrets again. */
async function registerAll(
  clients: readonly WantedClient[],
  server: AuthorizationServer,
): Promise<{ readonly imported: readonly ImportedClient[]; readonly failure?: unknown }> {
  const imported: ImportedClient[] = []
  const by = operator()
  try {
    for (const { metadata, secret } of clients) {
      imported.push({
        client: await server.clients.create(metadata, { by, ...secretOption(secret) }),
        isKept: secret !== undefined,
      })
    }
  } catch (failure) {
    return { imported, failure }
  }
  return { imported }
}

function secretOption(secret: string | undefined): { readonly secret?: string } {
  return secret === undefined ? {} : { secret }
}

function secretsOf(imported: readonly ImportedClient[]): string {
  const rows = imported.map(({ client, isKept }) => [
    printable(client.client_id),
    client.client_secret ?? (isKept ? '(the one it has)' : '(public)'),
  ])
  return table(['CLIENT_ID', 'SECRET'], rows)
}
