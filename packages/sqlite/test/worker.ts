import { serveStorage } from '@oauth-ratchet/storage-contract'

import { SqliteStorage } from '../src/index.js'

const [, , file = ''] = process.argv
void serveStorage(new SqliteStorage({ file }))
