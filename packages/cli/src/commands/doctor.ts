import type { Command, Invocation } from '../command-line/command.js'
import { UsageError } from '../command-line/failure.js'
import { loadConfiguration } from '../configuration/load-configuration.js'
import { checkConfiguration } from '../doctor/check-configuration.js'
import { checkServer } from '../doctor/check-server.js'
import { bySeverity } from '../doctor/finding.js'
import type { Finding, Severity } from '../doctor/finding.js'

export const doctor: Command = {
  name: 'doctor',
  summary: 'Check a configuration, or a running server from outside, against RFC 9700',
  details:
    'With --config it makes the server of the configuration and checks it clause by clause against RFC 9700 (OAuth 2.0 ' +
    'Security Best Current Practice). With the issuer of a running server it asks that as a stranger: metadata, transport, ' +
    'errors, caching, CORS, what is offered. Codes are stable; the README explains each. Exit code 1 when something is an error.\n' +
    'Example: oauth-ratchet doctor https://auth.example.com',
  arguments: ['[issuer]'],
  uses: 'configuration',
  options: { all: { help: 'show what is right too' } },
  run: async (invocation) => {
    const findings = bySeverity(await examined(invocation))
    const isBad = findings.some(({ severity }) => severity === 'error')
    const shown = invocation.options.isSet('all')
      ? findings
      : findings.filter(({ severity }) => severity !== 'ok')
    invocation.output.result({ findings }, () => [...shown.map(described), summary(findings)].join('\n'))
    return isBad ? 1 : 0
  },
}

async function examined({ arguments: [issuer], options }: Invocation): Promise<readonly Finding[]> {
  const config = options.text('config')
  if ((issuer === undefined) === (config === undefined)) {
    throw new UsageError('doctor needs either --config <file> or the issuer of a running server.')
  }
  if (config !== undefined) return checkConfiguration((await loadConfiguration(config)).options)
  if (issuer === undefined || !URL.canParse(issuer) || !/^https?:/i.test(issuer)) {
    throw new UsageError('The issuer must be a URL like https://auth.example.com.')
  }
  return checkServer(issuer)
}

function described({ severity, code, message, remedy }: Finding): string {
  const line = `${severity.padEnd(7)}  ${code}  ${message}`
  return remedy === undefined ? line : `${line}\n         ${remedy}`
}

function summary(findings: readonly Finding[]): string {
  const count = (wanted: Severity): number => findings.filter(({ severity }) => severity === wanted).length
  const found = (['error', 'warning', 'note'] as const).map((severity) => some(count(severity), severity))
  return `${found.join(', ')}; ${count('ok')} right.`
}

function some(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`
}
