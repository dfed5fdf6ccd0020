import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isIP } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ConfigurationError, describeFault, StorageError } from '@oauth-ratchet/core'
import { createApp } from './app.js'
import { readClientsFile } from './clients-file.js'
import { demoClients, demoSecrets } from './demo-clients.js'
import { gracefulStop } from './graceful-stop.js'
import { createLogger } from './logging.js'
import { randomSecret, readOrMake } from './secrets-file.js'
import { SettingError } from './setting-error.js'
import { deriveIssuer, isLoopback, parseSecrets, readSettings } from './settings.js'
import type { ServerSettings } from './settings.js'
import { startOutput } from './start-output.js'
import { openStorage } from './storage.js'
import { Webhook } from './webhook.js'

async function start(): Promise<void> {
  const settings = readSettings(process.env, baseFolder())
  const { storage, place, disconnect } = await openStorage(settings.storageUrl, settings.baseFolder)
  const secretsFile = join(settings.dataFolder, 'oauth-secrets')
  const secrets =
    settings.secrets ??
    parseSecrets(
      readOrMake(secretsFile, () => `${randomSecret()}\n`),
      secretsFile,
    )

  // The port has to be known before the issuer can be; until the app is there, requests get a 503.
  let handler = notYet
  const http = createServer((req, res) => handler(req, res))
  const stop = gracefulStop(http)
  const port = await listen(http, settings)
  const issuer = settings.issuer ?? deriveIssuer(settings.host, port)
  const clients = clientsFor(settings, issuer)
  const logger = createLogger()
  const demoFolder = resolve(dirname(fileURLToPath(import.meta.url)), '../../browser/dist')
  const webhook = settings.webhook && new Webhook({ ...settings.webhook, logger })
  const { app, server } = createApp({
    ...settings,
    issuer,
    secrets,
    storage,
    logger,
    demoFolder,
    webhook,
    ...clients,
  })
  await server.ready()
  handler = app

  onSignals(async (signal) => {
    logger.info({ signal }, 'stopping')
    const answered = await stop()
    await server.close()
    const complete = (await webhook?.drain(5000)) !== false && answered
    await disconnect()
    logger.info({ complete }, 'stopped')
    return complete
  })
  const url = `http://${isIP(settings.host) === 6 ? `[${settings.host}]` : settings.host}:${port}`
  process.stdout.write(
    startOutput({
      url,
      issuer,
      storagePlace: place,
      secretsPlace: settings.secrets === undefined ? secretsFile : 'OAUTH_SECRETS',
      clients: clients.printed,
      openToOthers: !isLoopback(settings.host),
    }),
  )
  logger.info({ url, issuer }, 'listening')
}

const notYet: RequestListener = (_req, res) => {
  const headers = { 'content-type': 'application/json', 'retry-after': '1' }
  res.writeHead(503, headers).end('{"status":"starting"}')
}

function clientsFor(settings: ServerSettings, issuer: string) {
  if (settings.clientsFile !== undefined) {
    const printed = { file: settings.clientsFile }
    return { clients: readClientsFile(settings.clientsFile), demo: undefined, printed }
  }
  const kept = join(settings.dataFolder, 'demo-clients.json')
  const secrets = demoSecrets(kept)
  return {
    clients: demoClients(issuer, secrets),
    // The page names the file of the secrets, never its content, and only where others cannot reach it.
    demo: { secretsFile: isLoopback(settings.host) ? kept : undefined },
    printed: { secrets, kept },
  }
}

/**
 * What `data/` is relative to: the folder that the server was started in. npm runs the scripts of a workspace in the
 * workspace's own folder; what was meant then is the project's root.
 */
function baseFolder(): string {
  const workspace = resolve(dirname(fileURLToPath(import.meta.url)), '..')
  return process.cwd() === workspace ? resolve(workspace, '../..') : process.cwd()
}

function listen(http: Server, { host, port }: ServerSettings): Promise<number> {
  return new Promise((done, failed) => {
    http.once('error', (error: NodeJS.ErrnoException) => {
      const inUse = `PORT ${port} is in use: stop what runs there, or choose another, e.g. PORT=${port + 1} npm start.`
      const other = `HOST ${host} and PORT ${port} cannot be listened on: ${String(error.code)}.`
      failed(new SettingError(error.code === 'EADDRINUSE' ? inUse : other))
    })
    http.listen(port, host, () => done((http.address() as AddressInfo).port))
  })
}

/** The first signal stops in order, a second one at once. */
function onSignals(stop: (signal: string) => Promise<boolean>): void {
  let stopping = false
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(1)
      stopping = true
      stop(signal).then((complete) => process.exit(complete ? 0 : 1), fail)
    })
  }
}

/** What the operator can put right is said in a sentence; anything else is a bug, and shows its stack. */
function fail(error: unknown): never {
  const isTheirs =
    error instanceof SettingError || error instanceof ConfigurationError || error instanceof StorageError
  const text = isTheirs ? error.message.replaceAll(/\s+/g, ' ') : describeFault(error)
  process.stderr.write(`oauth-ratchet example server: ${text}\n`)
  process.exit(1)
}

start().catch(fail)
