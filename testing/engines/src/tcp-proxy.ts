import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { waitUntil } from './wait-until.js'

export interface TcpTarget {
  readonly host: string
  readonly port: number
}

export interface CutOptions {
  /** Which requests are meant. Default: any. It sees the bytes as they arrive, not a parsed command. */
  readonly when?: (bytes: Buffer) => boolean
  /** How many of them. Default: 1. */
  readonly times?: number
}

/** A fault that waits for its request. */
export interface ArmedCut {
  /** How often it has struck. */
  readonly hits: () => number
  /** Resolves when it strikes for the first time. */
  readonly struck: Promise<void>
  readonly disarm: () => void
}

export interface TcpProxy extends TcpTarget {
  /** The request is passed on and carried out; its answer is dropped and the connection cut. */
  readonly cutAfterRequest: (options?: CutOptions) => ArmedCut
  /** The connection is cut instead of passing the request on. */
  readonly cutBeforeRequest: (options?: CutOptions) => ArmedCut
  /** Nothing passes, in neither direction, until {@link TcpProxy.resume}; connections stay. */
  readonly pause: () => void
  readonly resume: () => void
  /** Cuts every connection and refuses new ones, until {@link TcpProxy.accept}. */
  readonly refuse: () => Promise<void>
  readonly accept: () => Promise<void>
  readonly cutConnections: () => void
  /** New connections go there. */
  readonly retarget: (target: TcpTarget) => void
  readonly connections: () => number
  readonly stop: () => Promise<void>
}

/** For {@link CutOptions.when}: requests that contain this text, such as the name of a command. */
export function containing(text: string): (bytes: Buffer) => boolean {
  return (bytes) => bytes.includes(text)
}

class Cut implements ArmedCut {
  readonly struck: Promise<void>
  #left: number
  #hits = 0
  #strike: () => void = () => undefined
  readonly #when: (bytes: Buffer) => boolean

  constructor({ when = () => true, times = 1 }: CutOptions) {
    this.#when = when
    this.#left = times
    this.struck = new Promise((resolve) => {
      this.#strike = resolve
    })
  }

  readonly hits = (): number => this.#hits
  readonly disarm = (): void => {
    this.#left = 0
  }

  takes(bytes: Buffer): boolean {
    if (this.#left === 0 || !this.#when(bytes)) return false
    this.#left -= 1
    return true
  }

  strike(): void {
    this.#hits += 1
    this.#strike()
  }
}

/** What all connections of a proxy obey. */
class Faults {
  readonly before: Cut[] = []
  readonly after: Cut[] = []
  paused = false
}

class Link {
  readonly #server: Socket
  /** Set while the answer to come is the one to lose. */
  #losing: Cut | undefined
  #lost = false

  constructor(
    private readonly client: Socket,
    target: TcpTarget,
    private readonly faults: Faults,
  ) {
    this.#server = connect(target.port, target.host)
    for (const socket of [client, this.#server]) {
      socket.setNoDelay(true)
      socket.on('error', () => undefined) // 'close' follows
    }
    if (faults.paused) this.pause()
    client.on('data', (bytes: Buffer) => this.#fromClient(bytes))
    this.#server.on('data', (bytes: Buffer) => this.#fromServer(bytes))
    client.on('close', () => {
      if (!this.#lost) this.#server.destroy()
    })
    this.#server.on('close', () => client.destroy())
  }

  #fromClient(bytes: Buffer): void {
    if (this.#losing) return
    const before = this.faults.before.find((cut) => cut.takes(bytes))
    if (before) {
      before.strike()
      this.cut()
      return
    }
    this.#losing = this.faults.after.find((cut) => cut.takes(bytes))
    this.#server.write(bytes)
  }

  #fromServer(bytes: Buffer): void {
    if (!this.#losing) {
      this.client.write(bytes)
      return
    }
    // That it answers shows that it has the request. It is let go in peace: what was sent before is carried out as well.
    this.#server.end()
    if (this.#lost) return
    this.#lost = true
    this.client.destroy()
    this.#losing.strike()
  }

  pause(): void {
    this.client.pause()
    this.#server.pause()
  }

  resume(): void {
    this.client.resume()
    this.#server.resume()
  }

  cut(): void {
    this.client.destroy()
    this.#server.destroy()
  }
}

function arm(cuts: Cut[], options: CutOptions = {}): ArmedCut {
  const cut = new Cut(options)
  cuts.push(cut)
  return cut
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy could not listen')
  return address.port
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return
  server.close()
  await once(server, 'close')
}

/** Stands between a client and a server and loses, on demand, what passes through it. */
export async function startTcpProxy(target: TcpTarget): Promise<TcpProxy> {
  const faults = new Faults()
  const links = new Set<Link>()
  let goal: TcpTarget = target
  const server = createServer((socket) => {
    const link = new Link(socket, goal, faults)
    links.add(link)
    socket.on('close', () => links.delete(link))
  })
  const port = await listen(server, 0)
  const cutConnections = (): void => {
    for (const link of links) link.cut()
  }
  const refuse = async (): Promise<void> => {
    const closed = close(server)
    cutConnections()
    await closed
  }
  return {
    host: '127.0.0.1',
    port,
    cutAfterRequest: (options) => arm(faults.after, options),
    cutBeforeRequest: (options) => arm(faults.before, options),
    pause: () => {
      faults.paused = true
      for (const link of links) link.pause()
    },
    resume: () => {
      faults.paused = false
      for (const link of links) link.resume()
    },
    refuse,
    accept: () =>
      // While it refused, the system may have given its port to somebody else for a moment.
      waitUntil('the port of the proxy is free', async () => {
        await listen(server, port)
        return true
      }),
    cutConnections,
    retarget: (next) => {
      goal = next
    },
    connections: () => links.size,
    stop: refuse,
  }
}
