// The API reference: the docstrings of what each package exports, one page an entry point, in api/.
import { createRequire } from 'node:module'
import { existsSync, readdirSync } from 'node:fs'

const packages = new URL('../packages/', import.meta.url)
const load = createRequire(import.meta.url)

/** The sources of what package.json exports as `import`. */
const entryPoints = readdirSync(packages).flatMap((name) => {
  const { exports } = load(`../packages/${name}/package.json`)
  return Object.entries(exports ?? {})
    .filter(([path]) => path !== './augment') // declares a member of Express's Request, and exports nothing
    .map(([, target]) => target.import?.types?.replace('./dist/esm/', 'src/').replace(/\.d\.ts$/, '.ts'))
    .filter((source) => source !== undefined && existsSync(new URL(`${name}/${source}`, packages)))
    .map((source) => `../packages/${name}/${source}`)
})

export default {
  plugin: ['typedoc-plugin-markdown'],
  tsconfig: 'tsconfig.json',
  entryPoints,
  out: 'api',
  outputFileStrategy: 'modules',
  readme: 'none',
  // `npm run typecheck` has checked them.
  skipErrorChecking: true,
  logLevel: 'Error',
  disableSources: true,
  excludeInternal: true,
  excludePrivate: true,
  excludeExternals: true,
  hideBreadcrumbs: true,
  hidePageHeader: true,
  // Its own names of headings, which differ from the site's where two headings are alike.
  useHTMLAnchors: true,
  parametersFormat: 'table',
  // As a list: descriptions are long, and each option is found by the search under its own heading.
  interfacePropertiesFormat: 'list',
  typeDeclarationFormat: 'table',
  pageTitleTemplates: {
    module: ({ rawName }) =>
      rawName === 'cli/src' ? 'oauth-ratchet' : `@oauth-ratchet/${rawName.replace('/src', '')}`,
  },
}
