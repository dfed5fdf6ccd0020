// Asks publint and "Are the types wrong?" about every tarball in a folder: `node scripts/check-tarballs.mjs <folder>`.
// Prints a line for each problem, suggestions included, and exits with 1 where there is one.
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

/** What publint and attw find wrong with one tarball, a sentence each. */
export async function checkTarball(path) {
  const data = new Uint8Array(readFileSync(path))
  const { messages, pkg } = await publint({ pack: { tarball: data.buffer }, level: 'suggestion' })
  const types = await checkPackage(createPackageFromTarballData(data))
  if (types.types === false) return ['attw: there are no types']
  return [
    ...messages.map((message) => `publint: ${formatMessage(message, pkg)}`),
    ...types.problems.map((problem) => `attw: ${JSON.stringify(problem)}`),
  ]
}

/** The problems of all tarballs in a folder, each with the name of its tarball. */
export async function checkTarballs(folder) {
  const problems = []
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.tgz')))
    for (const problem of await checkTarball(join(folder, name))) problems.push(`${name}: ${problem}`)
  return problems
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const problems = await checkTarballs(process.argv[2] ?? 'packed')
  for (const problem of problems) console.log(problem)
  process.exitCode = problems.length === 0 ? 0 : 1
}
