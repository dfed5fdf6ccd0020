#!/usr/bin/env node
import { run } from './run.js'

// A reader that has seen enough (`| head`) is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1)
})

void run(process.argv.slice(2), process.env, process).then((code) => {
  // The configuration may have opened connections that nobody closes: when all is written the process ends.
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)))
})
