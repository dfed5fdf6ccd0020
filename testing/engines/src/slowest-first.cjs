// Test files that take longest begin first: a fresh clone knows no times of before, and would have one worker busy with
// the last of them while the others have nothing left to do.
const Sequencer = require('@jest/test-sequencer').default

const slow = [
  'mongoose/test/contract',
  'mongoose/test/mongoose-8',
  'client/test/browser/storms',
  'repository/test/consumers',
  'redis/test/contract-options',
  'client/test/browser/bad-network',
  'repository/test/website',
  'redis/test/cluster-contract',
  'redis/test/ioredis-5-cluster',
  'repository/test/benchmark',
  'redis/test/contract',
  'server/test/start',
  'storage-contract/test/contract',
  'sqlite/test/contract',
  'cli/test/copy-round-trip',
  'cli/test/commands',
  'server/test/sessions-page',
  'browser/test/demo',
]

function rankOf({ path }) {
  const index = slow.findIndex((name) => path.replaceAll('\\', '/').includes(`${name}.test.`))
  return index === -1 ? slow.length : index
}

module.exports = class SlowestFirst extends Sequencer {
  sort(tests) {
    // oxlint-disable-next-line unicorn/no-array-sort -- a method of the sequencer
    return super.sort(tests).toSorted((one, other) => rankOf(one) - rankOf(other))
  }
}
