import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { ClientMetadata } from './client-metadata.js'
import type { Context } from './commands/command.js'
import { SET_NAME, WIRE_VERSION } from './commands/handshake.js'
import { commandName, runCommand } from './commands/run-command.js'
import { Cursors } from './cursors.js'
import { Databases } from './database.js'
import { FailPoints, withErrorLabels } from './fail-points.js'
import { Sessions } from './sessions.js'
import { Statistics } from './statistics.js'
import { TtlMonitor } from './ttl-monitor.js'
import { FrameReader, parseMessage, type Request } from './wire.js'

export interface StandInOptions {
  /** How often what TTL indexes name is removed. Default: every second; a real server takes a minute. */
  readonly ttlIntervalMs?: number
}

export interface StandIn {
  readonly url: string
  readonly host: string
  readonly port: number
  readonly version: string
  /** Answers nothing for so long, and then everything. */
  readonly pause: (ms: number) => Promise<void>
  /** Cuts every connection; clients can connect again at once. */
  readonly cutConnections: () => void
  readonly stop: () => Promise<void>
}

type Shared = Omit<Context, 'address' | 'connectionId' | 'clientMetadata'>

class Connection {
  readonly #frames = new FrameReader()
  /** One command after the other, in the order they came. */
  #tail = Promise.resolve()

  constructor(
    private readonly socket: Socket,
    private readonly context: Context,
    private readonly resumed: () => Promise<void>,
  ) {
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk) => this.#receive(chunk))
  }

  #receive(chunk: Buffer): void {
    try {
      for (const frame of this.#frames.push(chunk)) {
        const request = parseMessage(frame)
        this.#tail = this.#tail.then(() => this.#handle(request))
      }
    } catch {
      this.socket.destroy() // as a real server does with what is not its protocol
    }
  }

  async #handle(request: Request): Promise<void> {
    await this.resumed()
    const { body } = request
    const name = commandName(body)
    const namespace = `${String(body['$db'])}.${String(body[name])}`
    const { failPoints, clientMetadata } = this.context
    const failure = failPoints.take(name, namespace, clientMetadata.applicationName)
    if (failure && failure.blockMs > 0) await delay(failure.blockMs, undefined, { ref: false })
    if (failure?.closeConnection) {
      this.socket.destroy()
      return
    }
    let reply = failure?.error ? failure.error.toReply() : runCommand(body, this.context)
    if (failure?.writeConcernError && reply['ok'] === 1)
      reply = { ...reply, writeConcernError: failure.writeConcernError }
    reply = withErrorLabels(reply, body, failure?.errorLabels)
    this.context.statistics.count(name, reply['ok'] !== 1)
    if (request.wantsReply && this.socket.writable) this.socket.write(request.reply(reply))
  }
}

async function listen(server: Server, port: number): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the stand-in could not listen')
  return address
}

/**
 * A server of our own that speaks the wire protocol of MongoDB to the real driver, for machines that no real one can be
 * brought to. Its data is in memory, and one command runs at a time.
 */
export async function startStandIn({ ttlIntervalMs = 1000 }: StandInOptions = {}): Promise<StandIn> {
  const databases = new Databases()
  const shared: Shared = {
    databases,
    cursors: new Cursors(),
    sessions: new Sessions(),
    failPoints: new FailPoints(),
    statistics: new Statistics(),
    ttl: new TtlMonitor(databases, ttlIntervalMs),
  }
  const sockets = new Set<Socket>()
  let connectionId = 0
  let resumed = Promise.resolve()
  const server = createServer((socket) => {
    sockets.add(socket)
    shared.statistics.connections = sockets.size
    socket.on('close', () => {
      sockets.delete(socket)
      shared.statistics.connections = sockets.size
    })
    connectionId += 1
    const address = `127.0.0.1:${socket.localPort}`
    const clientMetadata = new ClientMetadata()
    void new Connection(socket, { ...shared, address, connectionId, clientMetadata }, () => resumed)
  })
  const { port } = await listen(server, 0)
  shared.ttl.start()
  const cutConnections = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: `mongodb://127.0.0.1:${port}/?replicaSet=${SET_NAME}`,
    host: '127.0.0.1',
    port,
    version: `wire version ${WIRE_VERSION}`,
    pause: (ms) => {
      resumed = resumed.then(() => delay(ms))
      return resumed
    },
    cutConnections,
    stop: async () => {
      shared.ttl.stop()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      cutConnections()
      await closed
    },
  }
}
