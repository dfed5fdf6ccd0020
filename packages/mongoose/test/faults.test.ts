import { ENGINE_TIMEOUT_MS } from '@oauth-ratchet/engines'

import { refreshed, startApp } from './setup/app.js'
import type { App } from './setup/app.js'
import { startPrivateEngine } from './setup/private-engine.js'
import type { CommandFault, PrivateEngine } from './setup/private-engine.js'

const OUTAGE = { status: 503, error: 'temporarily_unavailable' }
const ALWAYS = 'alwaysOn'

let engine: PrivateEngine
let app: App

beforeAll(async () => {
  engine = await startPrivateEngine()
  app = await startApp({ url: engine.url })
}, ENGINE_TIMEOUT_MS)

afterEach(async () => {
  await engine.heal()
  await app.connected()
  expect(app.alarms).toEqual([])
})

afterAll(async () => {
  await app.stop()
  await engine.stop()
})

/** The generation of the only grant that is of the subject. */
async function generationOf(subject: string): Promise<number | undefined> {
  const [grant] = await app.server.grants.list({ subject })
  return grant && (await app.storage.grants.find(grant.id))?.generation
}

describe('a refresh that a server fault strikes once is answered as if nothing had been', () => {
  const FAULTS: Readonly<Record<string, Omit<CommandFault, 'failCommands'>>> = {
    'the server is shutting down': { errorCode: 91 },
    'the primary has stepped down': { errorCode: 189 },
    'the server is no primary any more': { errorCode: 10_107 },
    'the connection is closed': { closeConnection: true },
  }

  it.each(Object.entries(FAULTS))('%s', async (name, fault) => {
    const first = await app.signIn(name)
    await engine.failCommand({ failCommands: ['findAndModify'], ...fault })
    const second = refreshed(await app.refresh(first))
    expect(await generationOf(name)).toBe(2)
    refreshed(await app.refresh(second))
  })
})

describe('a write concern that is not satisfied', () => {
  const NOT_SATISFIED = {
    code: 64,
    codeName: 'WriteConcernFailed',
    errmsg: 'waiting for replication timed out',
  }

  it('is no refusal: the turn is looked for, and answered once it is safe', async () => {
    const first = await app.signIn('wtimeout')
    await engine.failCommand({ failCommands: ['findAndModify'], writeConcernError: NOT_SATISFIED })
    const second = refreshed(await app.refresh(first))
    expect(await generationOf('wtimeout')).toBe(2)
    refreshed(await app.refresh(second))
  })

  it('of a sign-in is no refusal either', async () => {
    await engine.failCommand({ failCommands: ['insert'], writeConcernError: NOT_SATISFIED })
    refreshed(await app.refresh(await app.signIn('wtimeout of a sign-in')))
  })
})

describe('a server that goes on failing is an outage, never an invalid grant', () => {
  const FAULTS: Readonly<Record<string, Omit<CommandFault, 'failCommands'>>> = {
    'every command is refused': { errorCode: 91 },
    'every connection is closed': { closeConnection: true },
    'nobody may do anything': { errorCode: 13 },
  }

  it.each(Object.entries(FAULTS))('%s, and afterwards the same token works', async (name, fault) => {
    const first = await app.signIn(name)
    await engine.failCommand({ failCommands: ['findAndModify', 'find'], ...fault }, ALWAYS)
    expect(await app.refresh(first)).toEqual(OUTAGE)
    expect(await app.refresh(first)).toEqual(OUTAGE)
    await engine.heal()
    await app.connected()
    refreshed(await app.refresh(first))
  })

  it('a read that fails is one too', async () => {
    const first = await app.signIn('reads fail')
    const answer = await app.refresh(first)
    const accessToken = 'accessToken' in answer ? answer.accessToken : ''
    await engine.failCommand({ failCommands: ['find'], errorCode: 13 }, ALWAYS)
    await expect(app.server.tokens.verify(accessToken)).rejects.toMatchObject({ status: 503 })
    await engine.heal()
    await expect(app.server.tokens.verify(accessToken)).resolves.toMatchObject({ subject: 'reads fail' })
  })
})

describe('a server that does not answer in time', () => {
  it('is an outage, and the retry under the same key is answered whatever became of the turn', async () => {
    const first = await app.signIn('slow')
    await engine.failCommand({
      failCommands: ['findAndModify'],
      blockConnection: true,
      blockTimeMS: 2500,
    })
    expect(await app.refresh(first, 'key-1')).toEqual(OUTAGE)
    const second = refreshed(await app.refresh(first, 'key-1'))
    refreshed(await app.refresh(second, 'key-2'))
    expect(await generationOf('slow')).toBe(3)
  })

  it('costs the client nothing where the answer comes in time after all', async () => {
    const first = await app.signIn('not so slow')
    await engine.failCommand({ failCommands: ['findAndModify'], blockConnection: true, blockTimeMS: 300 })
    refreshed(await app.refresh(first))
  })
})
