import { describeStorage } from '@oauth-ratchet/storage-contract'
import mongoose from 'mongoose'

import { MongooseHarness } from './setup/mongoose-harness.js'

jest.mock('mongoose', () => jest.requireActual<object>('mongoose8'))

it('these tests run on the line before', () => {
  expect(mongoose.version).toMatch(/^8\./)
})

// Its workers would be mongoose 9: the races between processes are in `contract.test.ts`.
const harness = Object.assign(new MongooseHarness(), { manyGrants: 600, worker: undefined })
describeStorage('MongooseStorage on mongoose 8', harness)
