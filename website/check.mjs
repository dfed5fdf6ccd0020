// What must be true of a built site: every link within it leads to a page and a heading, nothing is loaded from another
// host, and there is an index to search. Ends with 1 and a line for each fault.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const site = fileURLToPath(new URL('dist/', import.meta.url))
const base = process.env.DOCS_BASE ?? '/'
const files = readdirSync(site, { recursive: true, encoding: 'utf8' }).map((name) =>
  name.replaceAll('\\', '/'),
)
const read = (name) => readFileSync(join(site, name), 'utf8')
const pages = new Map(files.filter((name) => name.endsWith('.html')).map((name) => [name, read(name)]))
const faults = []

const valuesOf = (html, name) =>
  [...html.matchAll(new RegExp(`<([a-z][a-z0-9]*)\\b[^>]*?\\s${name}="([^"]*)"`, 'g'))].map(
    ([, tag, value]) => ({
      tag,
      value: value.replaceAll('&amp;', '&'),
    }),
  )

const idsOf = new Map(
  [...pages].map(([name, html]) => [name, new Set(valuesOf(html, 'id').map(({ value }) => value))]),
)

/** The file of the site that an address leads to. */
function fileAt(page, path) {
  if (path === '') return page
  const inSite = path.startsWith(base)
    ? path.slice(base.length)
    : relative(site, join(site, dirname(page), path))
  return [inSite, `${inSite}.html`, join(inSite, 'index.html')].find(
    (name) => files.includes(name) && name !== '',
  )
}

for (const [page, html] of pages) {
  for (const { tag, value } of [...valuesOf(html, 'href'), ...valuesOf(html, 'src')]) {
    if (/^(https?:)?\/\//.test(value)) {
      if (tag !== 'a') faults.push(`${page} loads ${value}`)
      continue
    }
    if (/^(data|mailto):/.test(value)) continue
    const [path = '', hash = ''] = value.split('#')
    const target = fileAt(page, decodeURI(path))
    if (target === undefined) faults.push(`${page} links to ${value}, where nothing is`)
    else if (hash !== '' && idsOf.get(target)?.has(decodeURIComponent(hash)) !== true)
      faults.push(`${page} links to ${value}, a heading that there is none of`)
  }
}
for (const name of files.filter((file) => file.endsWith('.css'))) {
  if (/url\(["']?(https?:)?\/\//.test(read(name))) faults.push(`${name} loads from another host`)
}
const index = files.find((name) => /localSearchIndexroot.*\.js$/.test(name))
if (index === undefined) faults.push('There is no index to search.')
else {
  for (const word of ['reuseGrace', 'requireToken', 'Idempotency']) {
    if (!read(index).toLowerCase().includes(word.toLowerCase()))
      faults.push(`The search does not find ${word}.`)
  }
}

for (const fault of faults) console.error(fault)
console.log(`${pages.size} pages, ${faults.length === 0 ? 'no faults' : `${faults.length} faults`}`)
if (faults.length > 0) process.exitCode = 1
