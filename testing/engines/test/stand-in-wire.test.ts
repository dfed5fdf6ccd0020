import { serialize } from 'bson'
import { startStandIn, type StandIn } from '../src/index.js'
import { decode } from '../src/stand-in/bson-values.js'
import { body, int32, message, OP_MSG, OP_QUERY, RawConnection, sequence } from './raw-connection.js'

// What the driver does not send every day.

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
  let connection: RawConnection

  beforeEach(async () => {
    server = await startStandIn()
    connection = await RawConnection.open(server)
  })

  afterEach(async () => {
    connection.end()
    await server.stop()
  })

  it('answers the hello of an old form in the old form', async () => {
    const query = serialize({ isMaster: 1, helloOk: true })
    connection.write(message(OP_QUERY, 7, int32(0), Buffer.from('admin.$cmd\0'), int32(0), int32(-1), query))
    const [frame = Buffer.alloc(0)] = await connection.frames(1)
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
    connection.write(
      message(OP_MSG, 1, int32(0), sequence('documents', rows), body({ insert: 'c', $db: 'd' })),
    )
    expect(await connection.reply()).toEqual({ n: 2, ok: 1 })
    connection.write(message(OP_MSG, 2, int32(0), body({ count: 'c', $db: 'd' })))
    expect(await connection.reply()).toEqual({ n: 2, ok: 1 })
  })

  it('reads a message however it is cut, and several at once in their order', async () => {
    const ping = message(OP_MSG, 1, int32(0), body({ ping: 1, $db: 'd' }))
    for (const byte of ping) connection.write(Buffer.from([byte]))
    expect(await connection.reply()).toEqual({ ok: 1 })
    connection.write(
      Buffer.concat([
        message(OP_MSG, 2, int32(0), body({ insert: 'c', documents: [{ _id: 1 }], $db: 'd' })),
        message(OP_MSG, 3, int32(0), body({ count: 'c', $db: 'd' })),
      ]),
    )
    const [first, second] = await connection.frames(2)
    expect([first?.readInt32LE(8), second?.readInt32LE(8)]).toEqual([2, 3])
  })

  it('answers nothing to what wants no answer, and ignores a checksum', async () => {
    const moreToCome = 2
    const withChecksum = 1
    connection.write(
      message(OP_MSG, 1, int32(moreToCome), body({ insert: 'c', documents: [{ _id: 1 }], $db: 'd' })),
    )
    connection.write(message(OP_MSG, 2, int32(withChecksum), body({ count: 'c', $db: 'd' }), int32(12345)))
    const [frame] = await connection.frames(1)
    expect(frame?.readInt32LE(8)).toBe(2)
    expect(frame && decode(frame.subarray(21))).toEqual({ n: 1, ok: 1 })
  })

  it.each([
    ['of a kind it does not know', message(2012, 1, int32(0), int32(0))],
    ['of an impossible length', Buffer.concat([int32(3), int32(0), int32(0), int32(OP_MSG)])],
    ['that is no BSON', message(OP_MSG, 1, int32(0), Buffer.from([0, 20, 0, 0, 0, 1, 2, 3]))],
  ])('cuts the connection on a message %s, and only that', async (_what, bytes) => {
    const closed = connection.closed()
    connection.write(bytes)
    await closed
    const other = await RawConnection.open(server)
    expect(await other.command({ ping: 1, $db: 'd' })).toEqual({ ok: 1 })
    other.end()
  })

  it('gives the recorded answer to a retried write, refuses an older one and runs a newer one', async () => {
    connection.write(retryableBump(5))
    expect(await connection.reply()).toMatchObject({ value: { _id: 1, n: 1 }, ok: 1 })
    connection.write(retryableBump(5))
    expect(await connection.reply()).toMatchObject({ value: { _id: 1, n: 1 }, retriedStmtIds: [0], ok: 1 })
    connection.write(retryableBump(4))
    expect(await connection.reply()).toMatchObject({ ok: 0, code: 225, codeName: 'TransactionTooOld' })
    connection.write(retryableBump(6))
    expect(await connection.reply()).toMatchObject({ value: { _id: 1, n: 2 }, ok: 1 })
  })

  it('fails the commands of the application that a fail point names', async () => {
    await connection.command({
      configureFailPoint: 'failCommand',
      mode: { times: 1 },
      data: { failCommands: ['ping'], errorCode: 91, appName: 'ours' },
      $db: 'admin',
    })
    const ping = { ping: 1, $db: 'd' }
    expect(await connection.command(ping)).toEqual({ ok: 1 })
    const named = await RawConnection.open(server)
    const client = {
      application: { name: 'ours' },
      driver: { name: 'by hand', version: '1' },
      os: { type: 'any' },
    }
    await named.command({ hello: 1, client, $db: 'd' })
    expect(await named.command(ping)).toMatchObject({ ok: 0, code: 91, codeName: 'ShutdownInProgress' })
    expect(await named.command(ping)).toEqual({ ok: 1 })
    named.end()
  })

  it('answers late when it was paused', async () => {
    const before = performance.now()
    void server.pause(200)
    connection.write(message(OP_MSG, 1, int32(0), body({ ping: 1, $db: 'd' })))
    await connection.reply()
    expect(performance.now() - before).toBeGreaterThan(190)
  })
})
