import { MemoryStorage } from '@oauth-ratchet/core'
import type { AuthorizationServer, ImportTokenOptions, Storage } from '@oauth-ratchet/core'
import { MigrationSamples } from './migration-samples.js'

export const samples = new MigrationSamples()
export const opened: AuthorizationServer[] = []
afterAll(() => samples.remove())
afterEach(async () => {
  for (const server of opened.splice(0)) await server.close()
})

export const inDays = (days: number): Date => new Date(Date.now() + days * 86_400_000)

/** The server of the guide over what a guide imports from. */
export async function serverWith(
  importToken: ImportTokenOptions,
  storage: Storage = new MemoryStorage(),
): Promise<AuthorizationServer> {
  process.env['OAUTH_SECRET'] = '5ms2wAbr8Ak0DXalcd2unhsqzSfGHYcaaZ4HGSSYQzFF9VGR'
  const { serverOf } = await samples.load<{
    serverOf: (storage: Storage, importToken: ImportTokenOptions) => AuthorizationServer
  }>('server')
  const server = serverOf(storage, importToken)
  opened.push(server)
  return server
}
