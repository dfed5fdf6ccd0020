import { driverFault, warnOfDriver } from '../src/driver-version.js'

it.each([
  ['20.20.2', false],
  ['22.23.2', false],
  ['24.18.0', false],
  ['24.19.0', true],
  ['24.21.0', true],
  ['26.0.0', true],
])('better-sqlite3 12 on Node %s: %s', (node, isWarnedOf) => {
  expect(driverFault(node, false) !== undefined).toBe(isWarnedOf)
})

it('better-sqlite3 13 is warned of nowhere', () => {
  expect(driverFault('24.21.0', true)).toBeUndefined()
})

it('the warning comes once, and only where the driver at hand is at fault', () => {
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const [older, newer] = [{}, { explain: () => {} }] as Parameters<typeof warnOfDriver>[0][]
  if (older === undefined || newer === undefined) return

  warnOfDriver(newer, '24.21.0')
  warnOfDriver(older, '22.23.2')
  expect(warn).not.toHaveBeenCalled()
  warnOfDriver(older, '24.21.0')
  warnOfDriver(older, '24.21.0')

  expect(warn).toHaveBeenCalledTimes(1)
  expect(warn.mock.calls[0]?.[1]).toMatchObject({ code: 'OAUTH_RATCHET_SQLITE_DRIVER' })
  warn.mockRestore()
})
