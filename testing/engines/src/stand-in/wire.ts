import { decode, encode, isDocument, type Document } from './bson-values.js'

// https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/
const OP_REPLY = 1
const OP_QUERY = 2004
const OP_MSG = 2013

const HEADER_BYTES = 16
const MAX_MESSAGE_BYTES = 48_000_000
const CHECKSUM_PRESENT = 1 << 0
const MORE_TO_COME = 1 << 1

export interface Request {
  readonly requestId: number
  readonly body: Document
  /** Unacknowledged writes (`w: 0`) want no answer. */
  readonly wantsReply: boolean
  readonly reply: (document: Document) => Buffer
}

export class WireError extends Error {}

/** Cuts the stream of a socket into messages. */
export class FrameReader {
  #pending: Buffer = Buffer.alloc(0)

  push(chunk: Buffer): Buffer[] {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    const frames: Buffer[] = []
    while (this.#pending.length >= 4) {
      const length = this.#pending.readInt32LE(0)
      if (length < HEADER_BYTES || length > MAX_MESSAGE_BYTES)
        throw new WireError(`message of ${length} bytes`)
      if (this.#pending.length < length) break
      frames.push(this.#pending.subarray(0, length))
      this.#pending = this.#pending.subarray(length)
    }
    return frames
  }
}

function header(length: number, responseTo: number, opCode: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES)
  bytes.writeInt32LE(HEADER_BYTES + length, 0)
  bytes.writeInt32LE(0, 4)
  bytes.writeInt32LE(responseTo, 8)
  bytes.writeInt32LE(opCode, 12)
  return bytes
}

export function opMsg(responseTo: number, document: Document): Buffer {
  const body = encode(document)
  // Flag bits, then one section of kind 0.
  return Buffer.concat([header(5 + body.length, responseTo, OP_MSG), Buffer.alloc(5), body])
}

function opReply(responseTo: number, document: Document): Buffer {
  const body = encode(document)
  const fields = Buffer.alloc(20)
  fields.writeInt32LE(8, 0) // "await capable", as every server since 2.x says
  fields.writeInt32LE(1, 16) // one document
  return Buffer.concat([header(fields.length + body.length, responseTo, OP_REPLY), fields, body])
}

function documentAt(frame: Buffer, at: number): { document: Document; end: number } {
  const end = at + frame.readInt32LE(at)
  return { document: decode(frame.subarray(at, end)), end }
}

/** Section kind 1: a field whose documents follow one another without the BSON array around them. */
function documentSequence(frame: Buffer, at: number): { name: string; documents: Document[]; end: number } {
  const end = at + frame.readInt32LE(at)
  const nameEnd = frame.indexOf(0, at + 4)
  const documents: Document[] = []
  for (let next = nameEnd + 1; next < end;) {
    const read = documentAt(frame, next)
    documents.push(read.document)
    next = read.end
  }
  return { name: frame.toString('utf8', at + 4, nameEnd), documents, end }
}

function parseOpMsg(frame: Buffer, requestId: number): Request {
  const flags = frame.readUInt32LE(HEADER_BYTES)
  const end = frame.length - (flags & CHECKSUM_PRESENT ? 4 : 0)
  let body: Document | undefined
  const sequences: Document = {}
  for (let at = HEADER_BYTES + 4; at < end;) {
    const kind = frame.readUInt8(at)
    if (kind === 0) {
      const read = documentAt(frame, at + 1)
      body = read.document
      at = read.end
    } else if (kind === 1) {
      const read = documentSequence(frame, at + 1)
      sequences[read.name] = read.documents
      at = read.end
    } else {
      throw new WireError(`section of kind ${kind}`)
    }
  }
  if (!body) throw new WireError('OP_MSG without a body')
  return {
    requestId,
    body: { ...body, ...sequences },
    wantsReply: !(flags & MORE_TO_COME),
    reply: (document) => opMsg(requestId, document),
  }
}

/** Drivers still send their first `isMaster` in this form, so as to be understood by servers of any age. */
function parseOpQuery(frame: Buffer, requestId: number): Request {
  const nameAt = HEADER_BYTES + 4
  const nameEnd = frame.indexOf(0, nameAt)
  const { document } = documentAt(frame, nameEnd + 1 + 8)
  const wrapped = document['$query']
  const query = isDocument(wrapped) ? wrapped : document
  const database = frame.toString('utf8', nameAt, nameEnd).replace(/\.\$cmd$/, '')
  return {
    requestId,
    body: { ...query, $db: database },
    wantsReply: true,
    reply: (reply) => opReply(requestId, reply),
  }
}

export function parseMessage(frame: Buffer): Request {
  const requestId = frame.readInt32LE(4)
  const opCode = frame.readInt32LE(12)
  if (opCode === OP_MSG) return parseOpMsg(frame, requestId)
  if (opCode === OP_QUERY) return parseOpQuery(frame, requestId)
  throw new WireError(`opcode ${opCode}`)
}
