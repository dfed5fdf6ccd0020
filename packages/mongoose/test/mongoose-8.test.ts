import { describeStorage } from '@oauth-ratchet/storage-contract'
import mongoose from 'mongoose'

import { MongooseHarness } from './setup/mongoose-harness.js'

jest.mock('mongoose', () => jest.requireActual<object>('mongoose8'))

it('these tests run on the line before', () => {
  expect(mongoose.version).toMatch(/^8\./)
})

describeStorage('MongooseStorage on mongoose 8', Object.assign(new MongooseHarness(), { manyGrants: 600 }))
