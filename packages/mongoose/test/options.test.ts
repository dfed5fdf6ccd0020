import mongoose, { createConnection } from 'mongoose'

import { MongooseStorage } from '../src/index.js'

const connection = createConnection()

afterAll(() => connection.close())

it.each<[unknown, string]>([
  [{ db: connection }, 'Did you mean "connection"?'],
  [{ connection, writeconcern: { w: 1 } }, 'Did you mean "writeConcern"?'],
  [
    { connection, collections: { grant: 'mine' } },
    'collections has no option "grant". Did you mean "grants"?',
  ],
  [{ connection, models: { Grants: 'Mine' } }, 'models has no option "Grants". Did you mean "grants"?'],
  [connection, 'wants { connection }, not the connection itself'],
  [mongoose, 'MongooseStorage has no option'],
  [undefined, 'wants an object of options'],
])('options that are misspelt are refused (%#)', (options, hint) => {
  expect(() => Reflect.construct(MongooseStorage, [options])).toThrow(TypeError)
  expect(() => Reflect.construct(MongooseStorage, [options])).toThrow(hint)
})

it('options that are undefined are the defaults', () => {
  const options = { connection, prefix: undefined, collections: undefined, models: undefined }
  expect(
    () => new MongooseStorage({ ...options, writeConcern: undefined, timeoutMs: undefined }),
  ).not.toThrow()
})
