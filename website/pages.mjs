// Which pages the site has, and in which order: the sidebar, the addresses and the links between pages are made of this list.
// A page that is not written yet may stand here: it is left out until its file is there.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** Titles and Markdown files, by their paths in the repository. */
const groups = [
  {
    text: 'Start',
    files: ['docs/README.md', 'README.md', 'docs/questions.md', 'docs/recipes.md'],
  },
  {
    text: 'Guides',
    files: [
      'docs/clients.md',
      'docs/client-programs.md',
      'docs/choosing-a-storage.md',
      'docs/writing-a-storage.md',
      'docs/administration.md',
      'docs/testing.md',
      'docs/migration.md',
    ],
  },
  {
    text: 'In production',
    files: ['docs/operations.md', 'docs/scaling.md', 'docs/monitoring.md', 'SECURITY.md'],
  },
  {
    text: 'Reference',
    files: [
      'docs/options.md',
      'docs/events.md',
      'docs/errors.md',
      'docs/configuration-errors.md',
      'docs/spec-map.md',
    ],
  },
  {
    text: 'Packages',
    files: [
      'packages/core/README.md',
      'packages/express/README.md',
      'packages/http/README.md',
      'packages/sqlite/README.md',
      'packages/redis/README.md',
      'packages/mongoose/README.md',
      'packages/client/README.md',
      'packages/testing/README.md',
      'packages/oauth2-server/README.md',
      'packages/opentelemetry/README.md',
      'packages/cli/README.md',
      'packages/storage-contract/README.md',
    ],
  },
  {
    text: 'The project',
    files: ['CHANGELOG.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'benchmarks/README.md'],
  },
]

/** Where files that are no page of the site are. */
const repository = 'https://github.com/oauth-ratchet/oauth-ratchet'

/** Page of the sidebar → its title, where the first heading would be too long or says the wrong thing there. */
const titles = {
  'docs/README.md': 'What it is',
  'README.md': 'Getting started',
  'docs/client-programs.md': 'Settings of client programs',
}

/** The generated reference: one page an entry point. Made by typedoc in this folder, and not committed. */
const api = 'website/api'

function filesOf(folder) {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .toSorted()
}

function allGroups() {
  const written = groups.map(({ text, files }) => ({
    text,
    files: files.filter((file) => existsSync(join(root, file))),
  }))
  return [
    ...written.slice(0, -1),
    { text: 'API', collapsed: true, files: filesOf(api).filter((file) => file !== `${api}/README.md`) },
    ...written.slice(-1),
    { text: 'Decisions', collapsed: true, files: filesOf('docs/adr') },
  ]
}

const present = allGroups()
const pages = new Set(present.flatMap(({ files }) => files))

/** Every page, by its path in the repository. */
export function pageFiles() {
  return [...pages]
}

/** The page of the site that a file is, without `.html` and with a slash in front. */
export function addressOf(file) {
  if (file === 'docs/README.md') return '/'
  if (file === 'README.md') return '/getting-started'
  return `/${file
    .replace(/^(docs|website)\//, '')
    .replace(/\/README\.md$/, '')
    .replace(/(\/src)?\.md$/, '')
    .replace(/^(api\/[^/]+)\/src\//, '$1/')
    .toLowerCase()}`
}

function titleOf(file) {
  const heading = /^# (.+)$/m.exec(readFileSync(join(root, file), 'utf8'))?.[1] ?? file
  return titles[file] ?? heading.replaceAll('`', '').replace('@oauth-ratchet/', '').replaceAll('\\', '')
}

export function sidebar() {
  return present
    .filter(({ files }) => files.length > 0)
    .map(({ files, ...group }) => ({
      ...group,
      items: files.map((file) => ({ text: titleOf(file), link: addressOf(file) })),
    }))
}

/**
 * Where a link of a page leads on the site. Pages link each other by their paths in the repository, as a code host wants
 * it, or, on the pages of packages, by their addresses there.
 *
 * @param file the page that has the link, by its path in the repository
 * @returns undefined for a link that stays as it is: within the page, or to another host
 */
export function linkOnSite(file, href) {
  const own = href.startsWith(`${repository}#`) ? href.replace('#', '/blob/main/README.md#') : href
  const inside = own.startsWith(`${repository}/`)
    ? own.slice(repository.length).replace(/^\/(blob|tree)\/main\//, '')
    : own
  if (inside.startsWith('#') || /^[a-z]+:/.test(inside)) return undefined
  const [path, hash] = inside.split('#')
  const target = inside === own ? join(file, '..', path ?? '').replaceAll('\\', '/') : (path ?? '')
  const folder = target.replace(/\/$/, '')
  const page = [folder, `${folder}/README.md`].find((candidate) => pages.has(candidate))
  if (page !== undefined) return addressOf(page) + (hash === undefined ? '' : `#${hash}`)
  const kind = /\.[a-z]+$/.test(folder) ? 'blob' : 'tree'
  return `${repository}/${kind}/main/${folder}`
}
