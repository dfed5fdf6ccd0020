import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(__dirname, '..', '..', '..', '..')
const page = join(root, 'docs', 'migration.md')

/** The code of docs/migration.md as modules: what is tested is what is documented. */
export class MigrationSamples {
  readonly #folder: string
  readonly names: readonly string[]

  constructor() {
    // In dist, where packages are found as from the repository, and which is nobody's source.
    const parent = join(root, 'testing', 'repository', 'dist')
    mkdirSync(parent, { recursive: true })
    this.#folder = mkdtempSync(join(parent, 'migration-'))
    const samples = [
      ...readFileSync(page, 'utf8').matchAll(/<!-- test: ([\w-]+) -->\s+```ts\n([\s\S]*?)```/g),
    ]
    this.names = samples.map(([, name]) => name ?? '')
    for (const [, name, code] of samples) writeFileSync(join(this.#folder, `${name}.ts`), code ?? '')
  }

  load<Module>(name: string): Promise<Module> {
    return import(join(this.#folder, `${name}.ts`)) as Promise<Module>
  }

  /** What the compiler says of them: nothing. */
  compilerErrors(): string {
    writeFileSync(
      join(this.#folder, 'tsconfig.json'),
      JSON.stringify({
        extends: join(root, 'tsconfig.test.json'),
        compilerOptions: { moduleDetection: 'force', types: ['node'] },
        include: ['.'],
      }),
    )
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
    return spawnSync(process.execPath, [tsc, '-p', this.#folder], { encoding: 'utf8' }).stdout
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
