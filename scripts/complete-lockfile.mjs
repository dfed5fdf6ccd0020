// Adds to package-lock.json, or the lockfile that is named, the optional packages of other platforms that `npm install` left out.
//
// npm drops an optional package from the lockfile when it cannot get its description at that moment (a mirror that
// lags behind, say), and `npm ci` then refuses the lockfile on every machine. What is missing follows from the
// package that names it: name, exact version, and the platform in its name. Run it after every `npm install`.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const [file = fileURLToPath(new URL('../package-lock.json', import.meta.url))] = process.argv.slice(2)
const lock = JSON.parse(readFileSync(file, 'utf8'))
const platforms = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
]

let added = 0
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const nested = `${path}/node_modules/${name}`
    const hoisted = `node_modules/${name}`
    if (lock.packages[nested] !== undefined || lock.packages[hoisted] !== undefined) continue
    if (!/^\d+\.\d+\.\d+$/.test(version)) continue
    const words = name.split(/[-/]/)
    const os = platforms.find((word) => words.includes(word))
    if (os === undefined) continue
    const cpu = words[words.lastIndexOf(os) + 1]
    const libc = words.includes('musl')
      ? 'musl'
      : os === 'linux' && words.includes('gnu')
        ? 'glibc'
        : undefined
    lock.packages[hoisted] = {
      version,
      cpu: [cpu],
      ...(entry.dev && { dev: true }),
      ...(libc !== undefined && { libc: [libc] }),
      optional: true,
      os: [os],
    }
    added += 1
  }
}

const sorted = Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : 1))
lock.packages = Object.fromEntries(sorted)
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
process.stdout.write(`complete-lockfile: added ${added}\n`)
