import type { Command, Invocation } from '../command-line/command.js'
import { Failure, UsageError } from '../command-line/failure.js'
import { table } from '../command-line/table.js'
import { openStorage } from '../configuration/open-storage.js'
import type { OpenedStorage } from '../configuration/open-storage.js'
import { storageUrl } from '../configuration/storage-url.js'
import { CopyError } from '../copy/copy-error.js'
import { copyStorage } from '../copy/copy-storage.js'
import type { CopyReport } from '../copy/copy-storage.js'
import type { Kind } from '../copy/ledger.js'

const labels: Readonly<Record<Kind, string>> = {
  live: 'live grants (sessions)',
  codes: 'authorization codes',
  revoked: 'revoked grants',
  tombstones: 'tombstones',
  clients: 'clients',
  marks: 'one-time marks',
  values: 'short-lived values',
}

export const copy: Command = {
  name: 'copy',
  summary: 'Copy everything from one storage into another, empty one',
  details:
    'THE SERVICE MUST BE IN MAINTENANCE OR STOPPED while this runs: this command cannot know whether it is. At the end both ' +
    'storages are read again and compared record by record, and whatever somebody wrote meanwhile is an error.\n' +
    'Every session goes on with the tokens that are out, and what was revoked stays revoked. The secrets and the realm of ' +
    'the server must stay what they are: none is needed here, for nothing is opened. Nothing is written to the source. ' +
    'After an error empty the target before you begin again.\n' +
    'A URL with a password goes into an environment variable: --from env:OLD_STORAGE.',
  options: {
    from: { value: 'url', help: 'the storage to read, or env:NAME' },
    to: { value: 'url', help: 'the storage to fill, or env:NAME; it must be empty. An SQLite file is made' },
  },
  run: async ({ options, environment, output }) => {
    const given = (name: string): string => {
      const url = options.text(name)
      if (url === undefined) throw new UsageError(`copy needs --${name} <url>.`)
      return storageUrl(url, environment, `--${name}`)
    }
    const [fromUrl, toUrl] = [given('from'), given('to')]
    const from = await openStorage(fromUrl, { named: '--from' })
    try {
      const to = await openStorage(toUrl, { named: '--to', mayCreate: true })
      try {
        output.note(`Copying ${from.place} to ${to.place}. The service must be in maintenance or stopped.`)
        const report = await copied(from, to, output)
        if (isEmpty(report)) {
          throw new Failure(
            `There is nothing in ${from.place}: is it the storage of the service? Of one with a prefix or collections of its ` +
              'own, copy with copyStorage in a program.',
          )
        }
        output.result(report, () => described(report))
        return 0
      } finally {
        await to.close()
      }
    } finally {
      await from.close()
    }
  },
}

async function copied(
  from: OpenedStorage,
  to: OpenedStorage,
  output: Invocation['output'],
): Promise<CopyReport & { readonly seconds: number }> {
  const startedAt = performance.now()
  try {
    const report = await copyStorage(from.storage, to.storage, {
      onProgress: ({ phase, done }) => output.progress(`${phase}: ${done} records`),
    })
    if (report.damaged.length > 0) {
      output.note(
        `${report.damaged.length} grants cannot be read, and were left out: nobody can use them. Their ids: ${report.damaged.join(' ')}`,
      )
    }
    return { ...report, seconds: Math.round((performance.now() - startedAt) / 100) / 10 }
  } catch (error) {
    if (error instanceof CopyError) throw new Failure(error.message, { cause: error })
    throw error
  }
}

/** A service that was started on the target would have lost all sessions. */
function isEmpty(report: CopyReport): boolean {
  const counts = [report.expired, report.damaged.length, ...Object.values(report.copied)]
  return counts.every((count) => count === 0)
}

function described(report: CopyReport & { readonly seconds: number }): string {
  const rows = Object.entries(labels).map(([kind, label]) => [label, String(report.copied[kind as Kind])])
  const left = report.expired === 0 ? '' : ` ${report.expired} had expired, and were left out.`
  return `${table(['COPIED', ''], rows)}\nSource and target have the same, compared record by record (${report.seconds} s).${left}`
}
