import type { Connection, mongo } from 'mongoose'

/** A command as the driver sent it. */
export interface SentCommand {
  readonly name: string
  readonly command: mongo.Document
}

/** What the driver sends over the connection while the work runs. The connection needs `monitorCommands: true`. */
export async function sentDuring(
  connection: Connection,
  work: () => Promise<unknown>,
): Promise<SentCommand[]> {
  const sent: SentCommand[] = []
  const record = ({ commandName, command }: mongo.CommandStartedEvent): void => {
    sent.push({ name: commandName, command })
  }
  const client = connection.getClient()
  client.on('commandStarted', record)
  try {
    await work()
  } finally {
    client.off('commandStarted', record)
  }
  return sent
}

/** The filters of a command, or for an insert the documents: wherever a shard key would be looked for. */
export function filtersOf({ name, command }: SentCommand): mongo.Document[] {
  switch (name) {
    case 'find':
      return [command['filter']]
    case 'findAndModify':
      return [command['query']]
    case 'insert':
      return command['documents']
    case 'update':
      return command['updates'].map(({ q }: mongo.Document) => q)
    case 'delete':
      return command['deletes'].map(({ q }: mongo.Document) => q)
    default:
      throw new Error(`The storage should not send ${name}`)
  }
}
