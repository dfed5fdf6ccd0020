// Ends what its parent started when the parent is gone, however it went: a killed process closes its end of the pipe too.
// Each line on the standard input is {"add": thing} or {"remove": thing}; a thing is a process id or a directory.
const { rmSync } = require('node:fs')
const { createInterface } = require('node:readline')

const owned = new Set()

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { add, remove } = JSON.parse(line)
    if (add !== undefined) owned.add(add)
    if (remove !== undefined) owned.delete(remove)
  })
  .on('close', () => {
    for (const thing of owned) if (typeof thing === 'number') end(thing)
    for (const thing of owned)
      if (typeof thing === 'string') rmSync(thing, { recursive: true, force: true, maxRetries: 5 })
  })

function end(pid) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It had ended by itself.
  }
}
