import { describeStorage } from '@oauth-ratchet/storage-contract'

import { MongooseHarness } from './setup/mongoose-harness.js'

describeStorage('MongooseStorage', new MongooseHarness())
