import { EventEmitter, once } from 'node:events'
import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Request, Response } from 'express'
import { getAuth, oauthRouter, requireToken } from '@oauth-ratchet/express'
import request from 'supertest'
import { shareShape } from '../src/share-shape.js'
import { makeServer, serviceSecret, versions } from './harness.js'

setFlagsFromString('--allow-natives-syntax')
const haveSameShape = runInNewContext('(a, b) => %HaveSameMap(a, b)') as (a: object, b: object) => boolean
// A function is compiled when it is first called.
haveSameShape({}, {})
setFlagsFromString('--no-allow-natives-syntax')

const spa = { client_id: 'spa', token_endpoint_auth_method: 'none', scope: 'read' } as const

/**
 * The shapes of one pair of several that all were the same: a collection of garbage between the two requests of a pair makes
 * the engine forget the shape of the first. Without `shareShape` no pair has one.
 */
async function shapesOfSomePair(compare: () => Promise<boolean[]>): Promise<boolean[]> {
  let shapes: boolean[] = []
  for (let pair = 0; pair < 5 && !(shapes.length > 0 && shapes.every(Boolean)); pair += 1)
    shapes = await compare()
  return shapes
}

interface Held {
  readonly req: Request
  readonly res: Response
}

function inOrder(members: object): Map<string, unknown> {
  return new Map(Object.entries(members).toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

describe.each(versions)('in %s', (_name, express) => {
  /** Two requests that are under way at once, as a mounted router sees them. */
  async function twoRequests(seen: (held: Held) => void, ended: (both: Held[]) => void): Promise<void> {
    const both: Held[] = []
    const app = express().use('/oauth', (req: Request, res: Response) => {
      seen({ req, res })
      if (both.push({ req, res }) < 2) return
      ended(both)
      for (const each of both) each.res.status(201).send('done')
    })
    const server = app.listen(0)
    try {
      const send = () => request(server).post('/oauth/token').send('a=b').expect(201, 'done')
      await Promise.all([send(), send()])
    } finally {
      server.close()
    }
  }

  it('requests that the router answers have one shape, and so have their responses', async () => {
    expect(await shapesOfSomePair(shapesOfAnswered)).toEqual([true, true])
  })

  async function shapesOfAnswered(): Promise<boolean[]> {
    const both: Held[] = []
    let arrived = 0
    const bothHere = new EventEmitter()
    const released = once(bothHere, 'release')
    const shapes: boolean[] = []
    const { server } = makeServer({
      // Asked in the midst of the request: here both are held side by side.
      authenticateUser: async () => {
        arrived += 1
        const [one, other] = both
        if (arrived === 2 && one !== undefined && other !== undefined) {
          shapes.push(haveSameShape(one.req, other.req), haveSameShape(one.res, other.res))
          bothHere.emit('release')
        }
        await released
        return { subject: 'alice' }
      },
      clients: [{ client_id: 'cli', client_secret: serviceSecret, grant_types: ['password'], scope: 'read' }],
    })
    const app = express()
      .use((req, res, next) => {
        both.push({ req, res })
        next()
      })
      .use('/oauth', oauthRouter(server))
    const listening = app.listen(0)
    try {
      const send = () =>
        request(listening)
          .post('/oauth/token')
          .auth('cli', serviceSecret)
          .type('form')
          .send({ grant_type: 'password', username: 'alice', password: 'secret' })
          .expect(200)
      await Promise.all([send(), send()])
    } finally {
      listening.close()
      await server.close()
    }
    return shapes
  }

  it('requests that are guarded have one shape when the app gets them, and so have their responses', async () => {
    expect(await shapesOfSomePair(shapesOfGuarded)).toEqual([true, true])
  })

  async function shapesOfGuarded(): Promise<boolean[]> {
    const { server } = makeServer({ clients: [{ ...spa, grant_types: ['refresh_token'] }] })
    const { access_token: token } = await server.grants.issue({ clientId: 'spa', subject: 'alice' })
    const both: Held[] = []
    const shapes: boolean[] = []
    const app = express().get('/notes', requireToken(server), (req: Request, res: Response) => {
      both.push({ req, res })
      const [one, other] = both
      if (one === undefined || other === undefined) return
      shapes.push(haveSameShape(one.req, other.req), haveSameShape(one.res, other.res))
      for (const each of both) each.res.send('notes')
    })
    const listening = app.listen(0)
    try {
      const send = () => request(listening).get('/notes').auth(token, { type: 'bearer' }).expect(200, 'notes')
      await Promise.all([send(), send()])
    } finally {
      listening.close()
      await server.close()
    }
    return shapes
  }

  it('nothing else about them changes', async () => {
    const before: object[] = []
    const after: object[] = []
    await twoRequests(
      ({ req, res }) => {
        res.sendDate = false
        before.push({ ...req }, { ...res })
        shareShape(req, res)
        after.push({ ...req }, { ...res })
      },
      (both) => expect(both.map(({ res }) => res.sendDate)).toEqual([false, false]),
    )
    expect(after.map(inOrder)).toEqual(before.map(inOrder))
    expect(after).toHaveLength(4)
  })
})

it('what is no request of Node gets nothing, and what cannot be changed stays', () => {
  const req = new EventEmitter() as unknown as Request
  const res = Object.freeze({ sendDate: true }) as unknown as Response
  shareShape(req, res)
  expect(Object.hasOwn(req, 'complete')).toBe(false)
  expect(res.sendDate).toBe(true)
})

it('what takes no new property keeps the one it has, and so does what gets it another way', () => {
  const set = jest.fn()
  const req = Object.preventExtensions({ complete: true })
  const res = Object.defineProperty({ asked: 0 }, 'sendDate', {
    configurable: true,
    get(this: { asked: number }) {
      return (this.asked += 1) > 0
    },
    set,
  })
  const before = [req, res].map(Object.getOwnPropertyDescriptors)

  shareShape(req as unknown as Request, res as unknown as Response)

  expect([req, res].map(Object.getOwnPropertyDescriptors)).toEqual(before)
  expect(set).not.toHaveBeenCalled()
})

it('a guard is asked without a response too, as where a WebSocket is opened', async () => {
  const { server } = makeServer({ clients: [{ ...spa, grant_types: ['refresh_token'] }] })
  const { access_token: token } = await server.grants.issue({ clientId: 'spa', subject: 'alice' })
  const upgraded = new EventEmitter()
  const opened = once(upgraded, 'done')
  const upgrade = createServer().on('upgrade', (req, socket) => {
    requireToken(server)(req as Request, undefined as never, (error?: unknown) => {
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
      upgraded.emit('done', error, getAuth(req as Request).subject)
    })
  })
  upgrade.listen(0)
  try {
    const { port } = upgrade.address() as AddressInfo
    const headers = { connection: 'Upgrade', upgrade: 'websocket', authorization: `Bearer ${token}` }
    get({ port, headers })
      .on('error', () => {})
      .on('response', (response) => response.resume())

    expect(await opened).toEqual([undefined, 'alice'])
  } finally {
    upgrade.close()
    await server.close()
  }
})
