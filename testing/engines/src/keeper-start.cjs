// Starts keeper.ts.
const path = require('node:path')
const { runBundled } = require('./run-bundled.cjs')

runBundled(path.join(__dirname, 'keeper.ts'))
