import { describeWithMongod } from '@oauth-ratchet/engines'
import { contractCases, describeStorage } from '@oauth-ratchet/storage-contract'

import { MongooseHarness } from './setup/mongoose-harness.js'

describeStorage('MongooseStorage', Object.assign(new MongooseHarness(), { worker: undefined }))

// The stand-in does one command at a time, wherever it comes from: processes show no more than the connections above.
describeWithMongod('MongooseStorage in several processes', () => {
  const harness = new MongooseHarness()
  for (const each of contractCases.filter(({ needs }) => needs === 'worker')) {
    it(each.name, () => each.run(harness), each.timeoutMs)
  }
})
