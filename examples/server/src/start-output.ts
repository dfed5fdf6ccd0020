import type { DemoSecrets } from './demo-clients.js'

export interface StartOutput {
  /** Where it listens. */
  readonly url: string
  readonly issuer: string
  readonly storagePlace: string
  readonly secretsPlace: string
  /** The clients' file, or the demo secrets, which only the demo prints. */
  readonly clients: { readonly file: string } | { readonly secrets: DemoSecrets; readonly kept: string }
  readonly openToOthers: boolean
}

/** What is printed once the server serves. */
export function startOutput(output: StartOutput): string {
  const { url, issuer, storagePlace, secretsPlace, clients } = output
  const lines = [
    `oauth-ratchet example server: ${url}`,
    '',
    `  issuer    ${issuer}`,
    `  storage   ${storagePlace}`,
    `  secrets   ${secretsPlace}`,
    `  users     alice / wonderland, bob / builder`,
    ...('file' in clients ? [`  clients   ${clients.file}`] : demoLines(clients.secrets, clients.kept)),
    ...(output.openToOthers
      ? ['', '  Other machines can reach this server, and its users are known to everyone.']
      : []),
    '',
    'file' in clients
      ? 'Open the address in a browser: the page there tells what is where. Ctrl-C stops it.'
      : 'Open the address in a browser: the page there has lines to try it with. Ctrl-C stops it.',
  ]
  return `${lines.join('\n')}\n`
}

function demoLines(secrets: DemoSecrets, kept: string): string[] {
  return [
    `  clients   spa      (public, no secret)`,
    `            demo     (public, no secret)`,
    `            account  (public, no secret)`,
    `            web      ${secrets.web}`,
    `            service  ${secrets.service}`,
    `            trusted  ${secrets.trusted}`,
    `            api      ${secrets.api}`,
    `            (these secrets are kept in ${kept})`,
  ]
}
