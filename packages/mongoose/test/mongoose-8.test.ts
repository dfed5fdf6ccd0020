import { contractCases } from '@oauth-ratchet/storage-contract'
import mongoose from 'mongoose'

import { MongooseHarness } from './setup/mongoose-harness.js'

jest.mock('mongoose', () => jest.requireActual<object>('mongoose8'))

it('these tests run on the line before', () => {
  expect(mongoose.version).toMatch(/^8\./)
})

describe('MongooseStorage on mongoose 8', () => {
  const harness = Object.assign(new MongooseHarness(), { manyGrants: 600 })
  // What races is the server's work, under the same commands: `contract.test.ts`.
  const cases = contractCases.filter(({ group, needs }) => !group.startsWith('races ') && needs !== 'damage')
  for (const each of cases) {
    it(`${each.group}: ${each.name}`, () => each.run(harness), each.timeoutMs)
  }
})
