import { describeStorage } from '@oauth-ratchet/storage-contract'

import { SqliteHarness } from './sqlite-harness.js'

describeStorage('SqliteStorage', new SqliteHarness())
