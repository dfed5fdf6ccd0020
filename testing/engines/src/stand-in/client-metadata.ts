import { encode, isDocument, isList, type Document } from './bson-values.js'
import { CommandError } from './errors.js'

const MISSING_FIELD = 183
const APPLICATION_NAME_TOO_LARGE = 184
const DOCUMENT_TOO_LARGE = 185
const CANNOT_BE_MUTATED = 186

const MOST_BYTES = 1024
const MOST_BYTES_OF_APPLICATION_NAME = 128

const IN_THE_DOCUMENT = 'in the client metadata document'

function typeMismatch(message: string): CommandError {
  return new CommandError(14, message)
}

/** To a real server an array is a document with numbers for names. */
function fieldsOf(value: unknown): Document | undefined {
  if (isDocument(value)) return value
  return isList(value) ? Object.fromEntries(value.entries()) : undefined
}

function stringIn(part: Document, field: string, path: string): string | undefined {
  const value = part[field]
  if (value === undefined || typeof value === 'string') return value
  throw typeMismatch(`The '${path}' field must be a string ${IN_THE_DOCUMENT}`)
}

function requireString(part: Document, field: string, path: string): void {
  if (stringIn(part, field, path) === undefined)
    throw new CommandError(MISSING_FIELD, `Missing required field '${path}' ${IN_THE_DOCUMENT}`)
}

function checkApplication(application: Document): void {
  const name = stringIn(application, 'name', 'application.name') ?? ''
  if (Buffer.byteLength(name) > MOST_BYTES_OF_APPLICATION_NAME)
    throw new CommandError(
      APPLICATION_NAME_TOO_LARGE,
      `The 'application.name' field must be less then or equal to ${MOST_BYTES_OF_APPLICATION_NAME} bytes ${IN_THE_DOCUMENT}`,
    )
}

function checkDriver(driver: Document): void {
  requireString(driver, 'name', 'driver.name')
  requireString(driver, 'version', 'driver.version')
}

function checkOperatingSystem(os: Document): void {
  requireString(os, 'type', 'os.type')
}

/** Other parts may be there, and are not looked at. */
const CHECKS: Readonly<Record<string, (part: Document) => void>> = {
  application: checkApplication,
  driver: checkDriver,
  os: checkOperatingSystem,
}
const REQUIRED = ['driver', 'os']

/** What is wrong comes first, in the order in which it was sent, and then what is missing. */
function check(value: unknown): Document {
  const metadata = fieldsOf(value)
  if (!metadata) throw typeMismatch('The client metadata document must be a document')
  if (encode(metadata).length > MOST_BYTES)
    throw new CommandError(
      DOCUMENT_TOO_LARGE,
      `The client metadata document must be less then or equal to ${MOST_BYTES} bytes`,
    )
  for (const [name, sent] of Object.entries(metadata)) {
    if (!Object.hasOwn(CHECKS, name)) continue
    const part = fieldsOf(sent)
    if (!part) throw typeMismatch(`The '${name}' field is required to be a BSON document ${IN_THE_DOCUMENT}`)
    CHECKS[name]?.(part)
  }
  for (const name of REQUIRED)
    if (metadata[name] === undefined)
      throw new CommandError(MISSING_FIELD, `Missing required sub-document '${name}' ${IN_THE_DOCUMENT}`)
  return metadata
}

/**
 * What the client of one connection has said of itself in its first hello, refused as a real server refuses it: the
 * document may be left out, but what is sent must name the driver and the operating system.
 *
 * @see https://github.com/mongodb/specifications/blob/master/source/mongodb-handshake/handshake.md
 */
export class ClientMetadata {
  #final = false
  #application: Document = {}

  get applicationName(): string | undefined {
    const { name } = this.#application
    return typeof name === 'string' ? name : undefined
  }

  /** Reads a hello, the first one as any other. After one that was refused the client may try again. */
  read(hello: Document): void {
    const { client } = hello
    if (client !== undefined) {
      if (this.#final)
        throw new CommandError(
          CANNOT_BE_MUTATED,
          'The client metadata document may only be sent in the first hello',
        )
      this.#application = fieldsOf(check(client)['application']) ?? {}
    }
    this.#final = true
  }
}
