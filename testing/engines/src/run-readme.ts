import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * Runs the lines for a shell that a page has under `<!-- run -->`.
 *
 * @param replacements what stands for an address of the page
 * @returns for each line that begins with `curl`, the answer's body and status: `{"by":"nightly"} 201`
 */
export async function runReadme(
  page: string,
  cwd: string,
  replacements: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const lines = /<!-- run -->\s+```sh\n([\s\S]*?)```/.exec(readFileSync(page, 'utf8'))?.[1]
  if (lines === undefined) throw new Error(`${page} has no lines to run`)
  let script = lines.replaceAll(/^curl -s/gm, String.raw`curl -s -w ' %{http_code}\n'`)
  for (const [address, url] of Object.entries(replacements)) script = script.replaceAll(address, url)
  const shell = spawn('bash', ['-euo', 'pipefail', '-c', script], {
    cwd,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  shell.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const status = await new Promise((resolve) => shell.once('close', resolve))
  if (status !== 0) throw new Error(`${page}: the lines ended with ${String(status)}:\n${output}`)
  return output.trim().split('\n')
}
