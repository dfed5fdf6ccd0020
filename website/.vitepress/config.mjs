import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { defineConfig } from 'vitepress'
import { addressOf, linkOnSite, pageFiles, root, sidebar } from '../pages.mjs'

/** Where the pages are copied to, each to its address: VitePress takes what is in one folder, beside its own packages. */
const staged = join(root, 'website', '.pages')

/** Page of the site, as VitePress names it, → the file that it was made of. */
const sources = new Map(
  pageFiles().map((file) => [`${addressOf(file).replace(/\/$/, '/index').slice(1)}.md`, file]),
)

rmSync(staged, { recursive: true, force: true })
for (const [page, file] of sources) {
  mkdirSync(dirname(join(staged, page)), { recursive: true })
  cpSync(join(root, file), join(staged, page))
}

/** Takes a picture onto the site. */
function imageOnSite(file, src) {
  const to = join(staged, 'public', 'images', basename(src))
  mkdirSync(dirname(to), { recursive: true })
  cpSync(join(root, file, '..', src), to)
  return `/images/${basename(src)}`
}

/** The id of a heading as code hosts make it, so that a link to a heading is the same there and here. */
function slugify(heading) {
  return heading
    .toLowerCase()
    .trim()
    .replaceAll(/[^\p{L}\p{N}\p{M}_\- ]/gu, '')
    .replaceAll(' ', '-')
}

export default defineConfig({
  title: 'oauth-ratchet',
  description: 'OAuth 2.0 for Express with refresh tokens that are used once',
  lang: 'en',
  base: process.env.DOCS_BASE ?? '/',
  srcDir: '.pages',
  outDir: 'dist',
  // A link to a page that there is none of fails the build.
  ignoreDeadLinks: false,
  // None: otherwise browsers ask for /favicon.ico.
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  markdown: {
    anchor: { slugify },
    config(md) {
      // Pages link each other by their paths in the repository, as a code host wants it. This comes before VitePress looks.
      md.core.ruler.push('links-of-the-repository', ({ tokens, env }) => {
        const file = sources.get(env.relativePath)
        if (file === undefined) return
        for (const token of tokens.flatMap(({ children }) => children ?? [])) {
          if (token.type === 'image') token.attrSet('src', imageOnSite(file, token.attrGet('src')))
          if (token.type !== 'link_open') continue
          const href = linkOnSite(file, decodeURI(token.attrGet('href')))
          if (href !== undefined) token.attrSet('href', href)
        }
      })
    },
  },
  // The comparison on the first page takes the place of its outline.
  transformPageData: (page) => {
    if (page.relativePath === 'index.md') page.frontmatter.aside = false
  },
  vite: { build: { chunkSizeWarningLimit: 2000 } },
  themeConfig: {
    search: { provider: 'local' },
    sidebar: sidebar(),
    outline: { level: [2, 3] },
    nav: [
      { text: 'Getting started', link: '/getting-started' },
      { text: 'Questions', link: '/questions' },
      { text: 'Options', link: '/options' },
    ],
  },
})
