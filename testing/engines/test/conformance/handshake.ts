import { RawConnection } from '../raw-connection.js'
import { firstHost, type Fixture } from './fixture.js'

const driver = { name: 'by hand', version: '1' }
const os = { type: 'any' }
const client = { driver, os }

export function handshakeConformance(fixture: () => Fixture): void {
  let connection: RawConnection

  beforeEach(async () => {
    connection = await RawConnection.open(firstHost(fixture()))
  })

  afterEach(() => {
    connection.end()
  })

  const hello = (fields: object = {}): ReturnType<RawConnection['command']> =>
    connection.command({ hello: 1, ...fields, $db: 'admin' })
  const expectRefusal = async (sent: unknown, code: number, errmsg: string): Promise<void> => {
    expect(await hello({ client: sent })).toMatchObject({ ok: 0, code, errmsg })
  }

  it('takes a hello that says nothing of its client', async () => {
    expect(await hello()).toMatchObject({ ok: 1, isWritablePrimary: true })
  })

  it('takes a client that names its driver and its system, and ignores what else it says', async () => {
    const application = { name: 'a'.repeat(128), build: 7 }
    expect(await hello({ client: { application, ...client, env: 'any', platform: 7 } })).toMatchObject({
      ok: 1,
    })
  })

  it.each([
    ['nothing at all', {}, "sub-document 'driver'"],
    ['no driver', { os }, "sub-document 'driver'"],
    ['no system', { driver }, "sub-document 'os'"],
    ['a driver without a name', { driver: { version: '1' }, os }, "field 'driver.name'"],
    ['a driver without a version', { driver: { name: 'x' }, os }, "field 'driver.version'"],
    ['a system without a type', { driver, os: { name: 'x' } }, "field 'os.type'"],
  ])('refuses a client that says %s', async (_what, sent, missing) => {
    await expectRefusal(sent, 183, `Missing required ${missing} in the client metadata document`)
  })

  it.each([
    ['is none', 7, 'The client metadata document must be a document'],
    [
      'has a driver that is none',
      { ...client, driver: 'x' },
      "The 'driver' field is required to be a BSON document in the client metadata document",
    ],
    [
      'has a version that is no text',
      { os, driver: { name: 'x', version: 7 } },
      "The 'driver.version' field must be a string in the client metadata document",
    ],
    [
      'has the name of an application that is no text',
      { ...client, application: { name: 7 } },
      "The 'application.name' field must be a string in the client metadata document",
    ],
  ])('refuses a document that %s', async (_what, sent, errmsg) => {
    await expectRefusal(sent, 14, errmsg)
  })

  it('refuses what is too long', async () => {
    await expectRefusal(
      { ...client, application: { name: 'a'.repeat(129) } },
      184,
      "The 'application.name' field must be less then or equal to 128 bytes in the client metadata document",
    )
    await expectRefusal(
      { ...client, platform: 'p'.repeat(1024) },
      185,
      'The client metadata document must be less then or equal to 1024 bytes',
    )
  })

  it('takes the document in the first hello of a connection only, whether that had one or not', async () => {
    const again = 'The client metadata document may only be sent in the first hello'
    expect(await hello({ client })).toMatchObject({ ok: 1 })
    expect(await hello()).toMatchObject({ ok: 1 })
    await expectRefusal(client, 186, again)
    const other = await RawConnection.open(firstHost(fixture()))
    expect(await other.command({ hello: 1, $db: 'admin' })).toMatchObject({ ok: 1 })
    expect(await other.command({ hello: 1, client, $db: 'admin' })).toMatchObject({
      code: 186,
      errmsg: again,
    })
    other.end()
  })

  it('lets a client that was refused try again', async () => {
    expect(await hello({ client: {} })).toMatchObject({ ok: 0, codeName: 'ClientMetadataMissingField' })
    expect(await hello({ client })).toMatchObject({ ok: 1 })
  })
}
