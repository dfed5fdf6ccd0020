import { STORM_CLIENTS } from './storm-clients.js'
import type { StormResult } from './run-storm.js'
import type { StormCount } from './storm-session.js'

const HEAD = ['refreshes', 'signed out', 'requests failed']

/** The results as a table in markdown: for each part and client, first against the server's defaults, then with a grace. */
export function stormTable(results: readonly StormResult[]): string {
  const rows = [
    ['storm', 'client', ...HEAD, ...HEAD.map((name) => `${name} (grace)`)],
    ['---', '---', ...[...HEAD, ...HEAD].map(() => '---:')],
    ...results.map(({ client, part, strict, grace }, index) => [
      results[index - 1]?.part === part ? '' : part,
      STORM_CLIENTS[client].name,
      ...cells(strict),
      ...cells(grace),
    ]),
  ]
  return rows.map((row) => `| ${row.join(' | ')} |`).join('\n')
}

function cells({ refreshes, expiries, signedOut, sessions, failed, requests }: StormCount): string[] {
  return [`${refreshes} for ${expiries}`, `${signedOut} of ${sessions}`, `${failed} of ${requests}`]
}
