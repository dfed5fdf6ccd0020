import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'

/** The commands that the server gets on this database meanwhile, by name; what a script does inside is no command. */
export async function countCommands(url, run) {
  const database = new URL(url).pathname.slice(1)
  const client = new Redis(url)
  // Its own first command, by which it finds out whether the server is ready, is none to be counted.
  await client.ping()
  const monitor = await client.monitor()
  const counts = new Map()
  const last = randomUUID()
  const over = new Promise((resolve) => {
    monitor.on('monitor', (_time, [name, parameter], source, from) => {
      if (parameter === last) resolve()
      else if (source !== 'lua' && from === database) counts.set(name, (counts.get(name) ?? 0) + 1)
    })
  })
  await run()
  await client.echo(last)
  await over
  monitor.disconnect()
  client.disconnect()
  return counts
}
