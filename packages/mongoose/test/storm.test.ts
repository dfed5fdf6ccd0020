import { ENGINE_TIMEOUT_MS, startTcpProxy, waitUntil } from '@oauth-ratchet/engines'

import { startApp } from './setup/app.js'
import { directUrl, startPrivateEngine } from './setup/private-engine.js'
import type { CommandFault, PrivateEngine } from './setup/private-engine.js'
import { expectNothingLost, refreshDuring, signInClients } from './setup/refreshing-clients.js'

let engine: PrivateEngine

beforeAll(async () => {
  engine = await startPrivateEngine()
}, ENGINE_TIMEOUT_MS)

afterAll(async () => {
  await engine.stop()
})

function turnsOf(clients: readonly { readonly turns: number }[]): number {
  return clients.reduce((sum, { turns }) => sum + turns, 0)
}

describe('in a storm of refreshes no answered turn is lost, and none turns twice, while', () => {
  const FAULTS: Readonly<Record<string, CommandFault>> = {
    'the primary steps down': { failCommands: ['findAndModify'], errorCode: 189 },
    'the server is shut down': { failCommands: ['findAndModify', 'find'], errorCode: 91 },
    'connections are closed': { failCommands: ['findAndModify', 'find'], closeConnection: true },
    'write concerns time out': {
      failCommands: ['findAndModify'],
      writeConcernError: { code: 64, codeName: 'WriteConcernFailed', errmsg: 'timed out' },
    },
  }

  it.each(Object.entries(FAULTS))(
    '%s',
    async (_name, fault) => {
      const app = await startApp({ url: engine.url })
      const clients = await signInClients(app, 6)
      await refreshDuring(app, clients, async () => {
        for (let round = 1; round <= 5; round += 1) {
          const turns = turnsOf(clients)
          await engine.failCommand(fault, { times: 4 })
          await waitUntil('the storm goes on', () => turnsOf(clients) > turns + 60)
        }
      })
      await expectNothingLost(app, clients)
      await app.connection.dropDatabase()
      await app.stop()
    },
    ENGINE_TIMEOUT_MS,
  )

  it(
    'answers and requests get lost on the way',
    async () => {
      const proxy = await startTcpProxy(engine)
      const app = await startApp({ url: directUrl(proxy) })
      const clients = await signInClients(app, 6)
      await refreshDuring(app, clients, async () => {
        for (let round = 1; round <= 5; round += 1) {
          const turns = turnsOf(clients)
          const answers = proxy.cutAfterRequest({ times: 3 })
          const requests = proxy.cutBeforeRequest({ times: 3 })
          await waitUntil('they are lost', () => answers.hits() === 3 && requests.hits() === 3)
          proxy.cutConnections()
          await waitUntil('the storm goes on', () => turnsOf(clients) > turns + 60)
        }
      })
      await expectNothingLost(app, clients)
      await app.connection.dropDatabase()
      await app.stop()
      await proxy.stop()
    },
    ENGINE_TIMEOUT_MS,
  )
})
