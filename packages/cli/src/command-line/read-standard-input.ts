import { UsageError } from './failure.js'

/**
 * Reads all of standard input as text.
 *
 * @param what it holds, for messages: `a token`
 * @throws UsageError where it is longer than that can be, or empty
 */
export async function readStandardInput(what: string, mostBytes: number): Promise<string> {
  if (process.stdin.isTTY) {
    process.stderr.write(`Paste ${what}, then end the input with Ctrl-D.\n`)
  }
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > mostBytes) throw new UsageError(`What standard input holds is too long to be ${what}.`)
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString().trim()
  if (text === '') throw new UsageError(`The command reads ${what} from standard input, which is empty.`)
  return text
}
