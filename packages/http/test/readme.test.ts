import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(__dirname, '..', '..', '..')

const session = `
import type { IncomingMessage } from 'node:http'
export declare function sessionOf(req: IncomingMessage): { userId: string; signedInAt: Date } | undefined
`

test('every program of the README compiles', () => {
  const readme = readFileSync(join(__dirname, '..', 'README.md'), 'utf8')
  const blocks = [...readme.matchAll(/```ts\n(?:\/\/ (\w+\.ts)\n)?([\s\S]*?)```/g)]
  // Inside the package, so that its development dependencies are found; outside of what other tests look at.
  const parent = join(root, 'packages', 'http', 'dist', 'readme')
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(join(parent, 'blocks-'))
  try {
    writeFileSync(join(folder, 'session.ts'), session)
    blocks.forEach(([, name, text], index) =>
      writeFileSync(join(folder, name ?? `block-${index}.ts`), text ?? ''),
    )
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        extends: join(root, 'tsconfig.test.json'),
        compilerOptions: { moduleDetection: 'force', types: ['node'] },
        include: ['.'],
      }),
    )
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' })

    expect(blocks.length).toBe(7)
    expect(stdout).toBe('')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}, 120_000)
