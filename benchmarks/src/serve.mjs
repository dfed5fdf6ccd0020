// One subject in a process of its own, so that its processor time and its heap are its own. Talks to its parent by messages.
import { allocatedBytes, watchAllocations } from './allocations.mjs'

const [module, variant, urls] = process.argv.slice(2)
const { start } = await import(new URL(module, import.meta.url))
const { server, issue, close } = await start(variant, JSON.parse(urls))

/** Sign-ins under way at once, while sessions are made. */
const AT_ONCE = 64

server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))

process.on('message', (message) => {
  void answer(message)
})

// The parent is gone, however it ended.
process.on('disconnect', () => process.exit(1))

async function answer(message) {
  if (message.issue !== undefined) process.send(await issueMany(message.issue, message.keep))
  else if (message.usage) process.send({ cpuMs: cpuMs() })
  else if (message.heap) process.send({ heapBytes: heapBytes() })
  else if (message.watchAllocations) process.send(await watchAllocations())
  else if (message.allocated) process.send({ allocatedBytes: await allocatedBytes() })
  else await stop()
}

async function issueMany(count, keep) {
  const kept = []
  let next = 0
  const issueSome = async () => {
    while (next < count) {
      const index = next++
      const token = await issue(index)
      if (Math.floor((index * keep) / count) !== Math.floor(((index + 1) * keep) / count)) kept.push(token)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, issueSome))
  return kept
}

function cpuMs() {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

function heapBytes() {
  global.gc()
  global.gc()
  return process.memoryUsage().heapUsed
}

async function stop() {
  server.closeAllConnections()
  server.close()
  await close()
  process.exit(0)
}
