import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { launchBrowser } from '../src/launch-browser'
import { runStorm } from '../src/storm/run-storm'
import { STORM_PARTS } from '../src/storm/storm-parts'
import { startStormServer } from '../src/storm/storm-server'
import { runSession } from '../src/storm/storm-session'
import { stormTable } from '../src/storm/storm-table'

jest.setTimeout(120_000)

test('in the storm ours signs nobody out and fails no request', async () => {
  const { results } = await runStorm({ clients: ['ours'], sessions: 1, rounds: 2 })

  expect(results).toHaveLength(3)
  for (const { part, strict, grace } of results) {
    for (const count of [strict, grace]) {
      expect({ part, ...count }).toMatchObject({ signedOut: 0, failed: 0, sessions: 1, expiries: 2 })
    }
  }
  expect(stormTable(results).split('\n')).toHaveLength(2 + results.length)
})

test('it is a storm: a client that sends a token again without its key after a lost answer is signed out', async () => {
  const [, , lostAnswer] = STORM_PARTS
  if (lostAnswer === undefined) throw new Error('No part loses an answer.')
  const browser = await launchBrowser()
  const server = await startStormServer()
  try {
    const count = await runSession(browser, server, 'axios', 'strict', lostAnswer, 2)

    expect(count).toMatchObject({ signedOut: 1, expiries: 1, refreshes: 2, failed: 2 })
  } finally {
    await server.close()
    await browser.close()
  }
})

/** `npm run storm -- …`, without the npm. */
function start(args: readonly string[], variables: Readonly<Record<string, string>> = {}) {
  return spawnSync(process.execPath, [join(__dirname, '../src/storm-start.cjs'), ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...variables },
    timeout: 20_000,
  })
}

describe('npm run storm', () => {
  test('says with --help what it does, its variables and how long it takes', () => {
    const { status, stdout } = start(['--help'])
    expect(status).toBe(0)
    for (const words of ['SESSIONS', 'ROUNDS', 'Default: 5', 'minutes with the defaults']) {
      expect(stdout).toContain(words)
    }
  })

  test('refuses what it does not understand before it takes its time', () => {
    expect(start(['--sessions=10'])).toMatchObject({ status: 2, stdout: '' })
    expect(start([], { SESSIONS: 'many' }).stderr).toContain('Not understood: SESSIONS=many')
    expect(start([], { ROUNDS: '0' })).toMatchObject({ status: 2, stdout: '' })
  })
})
