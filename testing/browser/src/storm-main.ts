import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runStorm } from './storm/run-storm.js'
import { STORM_CLIENTS } from './storm/storm-clients.js'
import type { ListedClient, StormClientName } from './storm/storm-clients.js'
import { stormTable } from './storm/storm-table.js'

/** `npm run storm`: the storm at full length, its progress on stderr and its table on stdout. */
async function main(): Promise<void> {
  const sessions = Number(process.env['SESSIONS'] || 5)
  const rounds = Number(process.env['ROUNDS'] || 5)
  const { results, chromium } = await runStorm({
    clients: Object.keys(STORM_CLIENTS) as StormClientName[],
    sessions,
    rounds,
    progress: (line) => console.error(line),
  })
  const { devDependencies: versions } = JSON.parse(
    readFileSync(join(__dirname, '..', 'package.json'), 'utf8'),
  ) as { devDependencies: Record<string, string> }
  const setUps = Object.values<ListedClient>(STORM_CLIENTS).map(
    ({ name, packageName, how }) =>
      `- ${name}${packageName === undefined ? '' : ` (${versions[packageName]})`}: ${how}`,
  )
  console.log(
    [
      `${new Date().toISOString().slice(0, 10)}, Chromium ${chromium}, Node ${process.version}; ` +
        `${sessions} sessions of up to ${rounds} expiries for each client and part.`,
      '',
      stormTable(results),
      '',
      ...setUps,
    ].join('\n'),
  )
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
