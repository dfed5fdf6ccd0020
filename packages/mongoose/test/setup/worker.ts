import { serveStorage } from '@oauth-ratchet/storage-contract'
import mongoose from 'mongoose'

import { MongooseStorage } from '../../src/index.js'

const [, , url = '', dbName = ''] = process.argv

async function serve(): Promise<void> {
  const connection = await mongoose.createConnection(url, { dbName }).asPromise()
  await serveStorage(new MongooseStorage({ connection }))
}

void serve()
