import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { serialize } from 'bson'
import { decode, type Document } from '../src/stand-in/bson-values.js'
import { FrameReader } from '../src/stand-in/wire.js'

// MongoDB's wire protocol built by hand, byte by byte: for what the driver does not send, or not every day.
// https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/

export const OP_QUERY = 2004
export const OP_MSG = 2013

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}

export function message(opCode: number, requestId: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  return Buffer.concat([int32(16 + content.length), int32(requestId), int32(0), int32(opCode), content])
}

/** Section of kind 0: the command. */
export function body(document: Document): Buffer {
  return Buffer.concat([Buffer.from([0]), serialize(document)])
}

/** Section of kind 1: the documents of one field. */
export function sequence(name: string, documents: readonly Document[]): Buffer {
  const content = Buffer.concat([
    Buffer.from(`${name}\0`),
    ...documents.map((document) => serialize(document)),
  ])
  return Buffer.concat([Buffer.from([1]), int32(4 + content.length), content])
}

/** A connection on which nothing has been sent yet, not even a hello. */
export class RawConnection {
  readonly #socket: Socket
  readonly #frames: Buffer[] = []

  private constructor(socket: Socket) {
    this.#socket = socket
    const reader = new FrameReader()
    socket.on('data', (chunk: Buffer) => {
      this.#frames.push(...reader.push(chunk))
      socket.emit('frames')
    })
  }

  static async open({
    host,
    port,
  }: {
    readonly host: string
    readonly port: number
  }): Promise<RawConnection> {
    const socket = connect(port, host)
    await once(socket, 'connect')
    return new RawConnection(socket)
  }

  /** Resolves when the other side has ended it. */
  closed(): Promise<unknown> {
    return once(this.#socket, 'close')
  }

  write(bytes: Uint8Array): void {
    this.#socket.write(bytes)
  }

  async frames(count: number): Promise<Buffer[]> {
    while (this.#frames.length < count) await once(this.#socket, 'frames')
    return this.#frames.splice(0, count)
  }

  /** The next answer, an OP_MSG or an OP_REPLY. */
  async reply(): Promise<Document> {
    const [frame = Buffer.alloc(0)] = await this.frames(1)
    return decode(frame.subarray(frame.readInt32LE(12) === OP_MSG ? 21 : 36))
  }

  async command(command: Document): Promise<Document> {
    this.write(message(OP_MSG, 1, int32(0), body(command)))
    return this.reply()
  }

  end(): void {
    this.#socket.destroy()
  }
}
