import { ServerProcess } from './server-process.js'
import { refresh } from './tokens.js'
import type { Answer } from './tokens.js'

/** Two server processes on one store, which call themselves the same issuer. */
export async function twoProcesses(folder: string, environment: Readonly<Record<string, string>>) {
  const both = { ISSUER: 'http://127.0.0.1:1', ...environment }
  const servers = await Promise.all([1, 2].map(() => ServerProcess.start(both, folder)))
  const [one, two] = servers as [ServerProcess, ServerProcess]
  return {
    one,
    two,
    secret: one.secretOf('trusted'),
    stop: () => Promise.all(servers.map((server) => server.stop())),
  }
}

/** Uses one refresh token so many times at once, in turn at one process and the other. */
export function inParallel(
  servers: readonly ServerProcess[],
  secret: string,
  token: string,
  times: number,
): Promise<Answer[]> {
  const uses = Array.from({ length: times }, (_, index) =>
    refresh(servers[index % servers.length]?.url ?? '', secret, token),
  )
  return Promise.all(uses)
}

/** What a server logged under this name. */
export function eventsOf(server: ServerProcess, name: string): Record<string, unknown>[] {
  const lines = server.stderr.split('\n').filter((line) => line.includes(`"msg":"${name}"`))
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}
