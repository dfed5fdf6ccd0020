import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { temporaryFolder } from './server-process.js'

const root = resolve(__dirname, '../../../..')

/** The code that a page has under `<!-- test: name -->`. */
export function sampleOf(page: string, name: string, language = '[jt]s'): string {
  const text = readFileSync(join(root, page), 'utf8')
  const code = new RegExp(`<!-- test: ${name} -->\\s+\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(text)?.[1]
  if (code === undefined) throw new Error(`${page} has no sample ${name}`)
  return code
}

/** Samples of a page that are programs, each beside `readme/app.ts`, the app that they are added to. */
export class SamplePrograms {
  // In the example's folder, so that packages are found as they are from there; in dist, which is nobody's source.
  readonly #folder: string
  readonly #data = temporaryFolder()
  readonly #children: ChildProcess[] = []

  /** @throws Error when a sample does not compile */
  constructor(page: string, names: readonly string[]) {
    mkdirSync(resolve(__dirname, '../../dist'), { recursive: true })
    this.#folder = mkdtempSync(resolve(__dirname, '../../dist/samples-'))
    afterAll(() => {
      for (const child of this.#children) child.kill()
      rmSync(this.#folder, { recursive: true, force: true })
    })
    cpSync(join(__dirname, '../readme/app.ts'), join(this.#folder, 'app.ts'))
    for (const name of names) writeFileSync(join(this.#folder, `${name}.ts`), sampleOf(page, name))
  }

  /** @throws Error with what the compiler says */
  compile(): void {
    const tsconfig = {
      extends: join(root, 'tsconfig.base.json'),
      compilerOptions: { composite: false, declaration: false, module: 'esnext', noEmitOnError: true },
      include: ['*.ts'],
    }
    writeFileSync(join(this.#folder, 'tsconfig.json'), JSON.stringify(tsconfig))
    const compiler = join(root, 'node_modules/typescript/bin/tsc')
    const { status, stdout } = spawnSync(process.execPath, [compiler, '-p', this.#folder], {
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`The code does not compile:\n${stdout}`)
  }

  /** Runs the app with what a sample adds to it, on Express 5 or 4. Answers where it listens. */
  async run(name: string, express: 'express' | 'express4' = 'express'): Promise<string> {
    const cwd = join(this.#data, `${name}-${express}`)
    mkdirSync(cwd)
    const env = {
      PATH: process.env['PATH'] ?? '',
      OAUTH_SECRET: 'PN2EB2Ou2bEhLZIWiQiNQslEQumtrsomyXr0JrT9vkD5MJro',
    }
    const folder = this.#compiledFor(express)
    const child = spawn(process.execPath, [join(folder, `${name}.js`)], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#children.push(child)
    const port = await new Promise<string>((done, failed) => {
      child.stdout?.once('data', (text: Buffer) => done(/port (\d+)/.exec(text.toString())?.[1] ?? ''))
      child.once('close', () => failed(new Error(`${name} ended`)))
    })
    return `http://127.0.0.1:${port}`
  }

  #compiledFor(express: 'express' | 'express4'): string {
    if (express === 'express') return this.#folder
    const folder = join(this.#folder, express)
    mkdirSync(folder, { recursive: true })
    for (const file of readdirSync(this.#folder).filter((entry) => entry.endsWith('.js'))) {
      const code = readFileSync(join(this.#folder, file), 'utf8')
      writeFileSync(join(folder, file), code.replaceAll(/from 'express'/g, `from '${express}'`))
    }
    return folder
  }
}
