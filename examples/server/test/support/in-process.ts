import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MemoryStorage } from '@oauth-ratchet/core'
import type { AuthorizationServer } from '@oauth-ratchet/core'
import { createApp } from '../../src/app.js'
import type { AppOptions } from '../../src/app.js'
import { demoClients } from '../../src/demo-clients.js'
import { createLogger } from '../../src/logging.js'

export const demoSecrets = {
  web: 'MAC7f0zKZV2ojEyhrJ5X94NQDeL6hJ1cM2QkeHU5CKx',
  service: 'UUNb6CnRnErkLJbhNnKbvINs2NuTr6Q0b5VHj-N-FkH',
  trusted: 'dvPKya2J5ijv8sNTkChtVY9Q5MJ68Ubc5ZqtsDnSOJ0',
  api: 'ynBnTgOG4WHWABAJUQ8GmaQYW2bSyYAx8-Z2tpQBpN-',
}

export interface RunningApp {
  readonly url: string
  readonly issuer: string
  readonly server: AuthorizationServer
  /** The log so far. */
  readonly log: () => string
  /** Moves the clock forward. */
  readonly pass: (seconds: number) => void
  readonly close: () => Promise<void>
}

const running = new Set<RunningApp>()
// Also those of tests that failed half-way, or Jest would wait for them for ever.
afterAll(() => Promise.all([...running].map((app) => app.close())))

/** The example app behind a real socket in this process, with a clock that the test moves. */
export async function runApp(
  options: Partial<AppOptions> & { readonly path?: string } = {},
): Promise<RunningApp> {
  let now = Date.now()
  let log = ''
  const http = createServer()
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const issuer = options.issuer ?? `${url}${options.path ?? ''}`
  const { app, server } = createApp({
    issuer,
    secrets: ['PN2EB2Ou2bEhLZIWiQiNQslEQumtrsomyXr0JrT9vkD5MJro'],
    storage: new MemoryStorage(),
    clients: demoClients(issuer, demoSecrets),
    demo: { secretsFile: undefined },
    accessTokenFormat: 'opaque',
    accessTokenLifetime: 900,
    refreshIdleLifetime: 30 * 86_400,
    refreshAbsoluteLifetime: 180 * 86_400,
    reuseGrace: 0,
    codeLifetime: 60,
    logger: createLogger({ write: (line) => (log += line) }),
    now: () => now,
    ...options,
  })
  http.on('request', (req, res) => void app(req, res))
  const runningApp: RunningApp = {
    url,
    issuer,
    server,
    log: () => log,
    pass: (seconds) => (now += seconds * 1000),
    close: async () => {
      if (!running.delete(runningApp)) return
      http.closeAllConnections()
      await new Promise((done) => http.close(done))
      await server.close()
    },
  }
  running.add(runningApp)
  return runningApp
}
