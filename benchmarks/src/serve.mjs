// One subject in a process of its own, so that its processor time is its own. Talks to its parent over IPC.
import { subjects } from './subjects.mjs'

const [name, chains] = process.argv.slice(2)
const subject = await subjects[name](Number(chains))
const server = subject.app.listen(0, '127.0.0.1', () => {
  process.send({ port: server.address().port, tokens: subject.tokens })
})

process.on('message', (message) => {
  if (message === 'stop') {
    void stop()
    return
  }
  const { user, system } = process.cpuUsage()
  process.send({ cpuMs: (user + system) / 1000, rssMb: process.memoryUsage().rss / 2 ** 20 })
})

async function stop() {
  server.closeAllConnections()
  server.close()
  await subject.close()
  process.exit(0)
}
