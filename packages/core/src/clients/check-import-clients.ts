import { ConfigurationError } from '../faults/errors.js'
import type { ImportSettings } from '../options/import-token.js'
import { nearName } from '../options/near-name.js'
import type { ClientDirectory } from './directory.js'

/**
 * Checks the clients whose refresh tokens are imported, as far as the list given to the server tells. One that a function or the
 * storage knows is not looked for.
 *
 * @throws ConfigurationError `refreshToken.importToken`
 */
export function checkImportClients(directory: ClientDirectory, { clients }: ImportSettings): void {
  for (const id of clients) {
    const client = directory.configured(id)
    if (client === undefined) {
      // It may be one of server.clients; a near name makes a mistake the likelier reason.
      const near = nearName(id, directory.configuredIds())
      if (near !== undefined)
        refuse(`names ${JSON.stringify(id)}, which is no client. Did you mean ${JSON.stringify(near)}?`)
    } else if (!client.grantTypes.has('refresh_token')) {
      refuse(`names ${id}, which has no refresh_token among its grant_types, and so can never use one.`)
    }
  }
}

function refuse(problem: string): never {
  throw new ConfigurationError('refreshToken.importToken', `refreshToken.importToken.clients ${problem}`)
}
