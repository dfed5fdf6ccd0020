import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'

const open = new Set<Server>()

/** Lets a server listen on a free port of loopback until {@link closeAll}; gives its URL. */
export async function listening(app: RequestListener | Server): Promise<string> {
  const server = typeof app === 'function' ? createServer(app) : app
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  open.add(server)
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

export async function closeAll(): Promise<void> {
  for (const server of open) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  open.clear()
}
