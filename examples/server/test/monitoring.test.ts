import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { installWithApt, systemProbes } from '@oauth-ratchet/engines'
import type { Metric } from 'prom-client'
import { metricsOf } from '../src/metrics.js'
import { demoSecrets, runApp } from './support/in-process.js'
import { passwordGrant, refresh } from './support/tokens.js'

const folder = join(__dirname, '..', 'monitoring')
const read = (name: string): string => readFileSync(join(folder, name), 'utf8')

interface Panel {
  readonly id: number
  readonly title: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets: readonly { readonly expr: string }[]
}
const dashboard = JSON.parse(read('grafana-dashboard.json')) as {
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly { readonly name: string }[] }
}

/** A program of Debian's package `prometheus`. */
function promtool(...parameters: string[]) {
  const found =
    systemProbes.findOnPath('promtool') ??
    (installWithApt(systemProbes, 'prometheus') ? systemProbes.findOnPath('promtool') : undefined)
  if (found === undefined) {
    throw new Error(
      'There is no promtool: `sudo apt-get install -y prometheus`, or `brew install prometheus`.',
    )
  }
  return spawnSync(found, parameters, { cwd: folder, encoding: 'utf8' })
}

test.each([
  ['check', 'rules', 'alerts.yml'],
  ['check', 'config', 'prometheus.yml'],
  ['test', 'rules', 'alerts.test.yml'],
])('promtool %s %s %s', (...parameters) => {
  const { status, stdout, stderr } = promtool(...parameters)

  expect({ status, output: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, output: '' })
})

test('what the example answers at /metrics is what promtool expects of metrics', async () => {
  const app = await runApp()
  const { tokens } = await passwordGrant(app.url, demoSecrets.trusted)
  await refresh(app.url, demoSecrets.trusted, tokens.refresh)
  const text = await (await fetch(`${app.url}/metrics`)).text()
  const { status, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' })

  // Of names that prom-client itself gives it complains; of ours it must not.
  expect(stderr.split('\n').filter((line) => line.includes('oauth_ratchet_'))).toEqual([])
  expect([0, 3]).toContain(status)
})

test('every metric of the dashboard and of the rules is one that the registry has, with the labels that it has', async () => {
  const app = await runApp()
  const known = new Map<string, readonly string[]>()
  for (const metric of metricsOf(app.server, []).getMetricsAsArray() as unknown as Named[]) {
    const { name, type, labelNames } = metric
    known.set(name, labelNames)
    if (type !== 'histogram') continue
    known
      .set(`${name}_bucket`, [...labelNames, 'le'])
      .set(`${name}_count`, labelNames)
      .set(`${name}_sum`, labelNames)
  }
  const texts = [
    read('alerts.yml'),
    ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
  ]

  const used = new Set<string>()
  for (const text of texts) {
    for (const [, name = '', selectors = ''] of text.matchAll(/\b(oauth_ratchet_\w+)(?:\{([^}]*)\})?/g)) {
      used.add(name)
      expect([...known.keys()]).toContain(name)
      for (const [, label = ''] of selectors.matchAll(/(\w+)\s*(?:=~|!=|!~|=)/g))
        expect(known.get(name)).toContain(label)
    }
  }
  expect(used.size).toBeGreaterThan(8)
})

test('the queries of the dashboard are PromQL, and its panels do not lie on each other', () => {
  const rules = dashboard.panels.flatMap(({ targets }) =>
    targets.map(({ expr }, index) => ({
      record: `panel:query${index}`,
      expr: expr.replaceAll('$__rate_interval', '5m').replaceAll('$client', '.*'),
    })),
  )
  const file = join(mkdtempSync(join(tmpdir(), 'dashboard-')), 'rules.json')
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }))
  const { status, stdout, stderr } = promtool('check', 'rules', '--lint=none', file)
  rmSync(dirname(file), { recursive: true })
  expect({ status, output: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, output: '' })

  expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length)
  const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
  )
  expect(new Set(cells).size).toBe(cells.length)
})

/** What a metric of prom-client has, beside its types. */
type Named = Metric & { readonly name: string; readonly type: string; readonly labelNames: readonly string[] }
