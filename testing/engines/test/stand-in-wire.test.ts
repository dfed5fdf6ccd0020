import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { serialize } from 'bson'
import { startStandIn, type StandIn } from '../src/index.js'
import { decode, type Document } from '../src/stand-in/bson-values.js'
import { FrameReader } from '../src/stand-in/wire.js'

// What the driver does not send every day: built by hand, byte by byte.

const OP_QUERY = 2004
const OP_MSG = 2013

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}

function message(opCode: number, requestId: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  return Buffer.concat([int32(16 + content.length), int32(requestId), int32(0), int32(opCode), content])
}

function body(document: Document): Buffer {
  return Buffer.concat([Buffer.from([0]), serialize(document)])
}

function sequence(name: string, documents: readonly Document[]): Buffer {
  const content = Buffer.concat([
    Buffer.from(`${name}\0`),
    ...documents.map((document) => serialize(document)),
  ])
  return Buffer.concat([Buffer.from([1]), int32(4 + content.length), content])
}

function retryableBump(txnNumber: number): Buffer {
  return message(
    OP_MSG,
    1,
    int32(0),
    body({
      findAndModify: 'c',
      query: { _id: 1 },
      update: { $inc: { n: 1 } },
      upsert: true,
      new: true,
      lsid: { id: 'session' },
      txnNumber,
      $db: 'd',
    }),
  )
}

describe('the wire protocol of the stand-in', () => {
  let server: StandIn
  let socket: Socket
  let frames: Buffer[]

  beforeEach(async () => {
    server = await startStandIn()
    socket = connect(server.port, server.host)
    const reader = new FrameReader()
    frames = []
    socket.on('data', (chunk: Buffer) => {
      frames.push(...reader.push(chunk))
      socket.emit('frames')
    })
    await once(socket, 'connect')
  })

  afterEach(async () => {
    socket.destroy()
    await server.stop()
  })

  const replies = async (count: number): Promise<Buffer[]> => {
    while (frames.length < count) await once(socket, 'frames')
    return frames.splice(0, count)
  }
  const reply = async (): Promise<Document> => {
    const [frame = Buffer.alloc(0)] = await replies(1)
    return decode(frame.subarray(frame.readInt32LE(12) === OP_MSG ? 21 : 36))
  }

  it('answers the hello of an old form in the old form', async () => {
    const query = serialize({ isMaster: 1, helloOk: true })
    socket.write(message(OP_QUERY, 7, int32(0), Buffer.from('admin.$cmd\0'), int32(0), int32(-1), query))
    const [frame = Buffer.alloc(0)] = await replies(1)
    expect(frame.readInt32LE(8)).toBe(7)
    expect(frame.readInt32LE(12)).toBe(1)
    expect(decode(frame.subarray(36))).toMatchObject({
      ismaster: true,
      helloOk: true,
      setName: 'stand-in',
      ok: 1,
    })
  })

  it('reads a field that follows as a sequence of documents', async () => {
    const rows = [{ _id: 1 }, { _id: 2 }]
    socket.write(message(OP_MSG, 1, int32(0), sequence('documents', rows), body({ insert: 'c', $db: 'd' })))
    expect(await reply()).toEqual({ n: 2, ok: 1 })
    socket.write(message(OP_MSG, 2, int32(0), body({ count: 'c', $db: 'd' })))
    expect(await reply()).toEqual({ n: 2, ok: 1 })
  })

  it('reads a message however it is cut, and several at once in their order', async () => {
    const ping = message(OP_MSG, 1, int32(0), body({ ping: 1, $db: 'd' }))
    for (const byte of ping) socket.write(Buffer.from([byte]))
    expect(await reply()).toEqual({ ok: 1 })
    socket.write(
      Buffer.concat([
        message(OP_MSG, 2, int32(0), body({ insert: 'c', documents: [{ _id: 1 }], $db: 'd' })),
        message(OP_MSG, 3, int32(0), body({ count: 'c', $db: 'd' })),
      ]),
    )
    const [first, second] = await replies(2)
    expect([first?.readInt32LE(8), second?.readInt32LE(8)]).toEqual([2, 3])
  })

  it('answers nothing to what wants no answer, and ignores a checksum', async () => {
    const moreToCome = 2
    const withChecksum = 1
    socket.write(
      message(OP_MSG, 1, int32(moreToCome), body({ insert: 'c', documents: [{ _id: 1 }], $db: 'd' })),
    )
    socket.write(message(OP_MSG, 2, int32(withChecksum), body({ count: 'c', $db: 'd' }), int32(12345)))
    const [frame] = await replies(1)
    expect(frame?.readInt32LE(8)).toBe(2)
    expect(frame && decode(frame.subarray(21))).toEqual({ n: 1, ok: 1 })
  })

  it.each([
    ['of a kind it does not know', message(2012, 1, int32(0), int32(0))],
    ['of an impossible length', Buffer.concat([int32(3), int32(0), int32(0), int32(OP_MSG)])],
    ['that is no BSON', message(OP_MSG, 1, int32(0), Buffer.from([0, 20, 0, 0, 0, 1, 2, 3]))],
  ])('cuts the connection on a message %s, and only that', async (_what, bytes) => {
    const closed = once(socket, 'close')
    socket.write(bytes)
    await closed
    const other = connect(server.port, server.host)
    await once(other, 'connect')
    other.write(message(OP_MSG, 1, int32(0), body({ ping: 1, $db: 'd' })))
    await once(other, 'data')
    other.destroy()
  })

  it('gives the recorded answer to a retried write, refuses an older one and runs a newer one', async () => {
    socket.write(retryableBump(5))
    expect(await reply()).toMatchObject({ value: { _id: 1, n: 1 }, ok: 1 })
    socket.write(retryableBump(5))
    expect(await reply()).toMatchObject({ value: { _id: 1, n: 1 }, retriedStmtIds: [0], ok: 1 })
    socket.write(retryableBump(4))
    expect(await reply()).toMatchObject({ ok: 0, code: 225, codeName: 'TransactionTooOld' })
    socket.write(retryableBump(6))
    expect(await reply()).toMatchObject({ value: { _id: 1, n: 2 }, ok: 1 })
  })

  it('fails the commands of the application that a fail point names', async () => {
    socket.write(
      message(
        OP_MSG,
        1,
        int32(0),
        body({
          configureFailPoint: 'failCommand',
          mode: { times: 1 },
          data: { failCommands: ['ping'], errorCode: 91, appName: 'ours' },
          $db: 'admin',
        }),
      ),
    )
    await reply()
    const ping = message(OP_MSG, 2, int32(0), body({ ping: 1, $db: 'd' }))
    socket.write(ping)
    expect(await reply()).toEqual({ ok: 1 })
    socket.write(
      message(OP_MSG, 3, int32(0), body({ hello: 1, client: { application: { name: 'ours' } }, $db: 'd' })),
    )
    await reply()
    socket.write(ping)
    expect(await reply()).toMatchObject({ ok: 0, code: 91, codeName: 'ShutdownInProgress' })
    socket.write(ping)
    expect(await reply()).toEqual({ ok: 1 })
  })

  it('answers late when it was paused', async () => {
    const before = performance.now()
    void server.pause(200)
    socket.write(message(OP_MSG, 1, int32(0), body({ ping: 1, $db: 'd' })))
    await reply()
    expect(performance.now() - before).toBeGreaterThan(190)
  })
})
