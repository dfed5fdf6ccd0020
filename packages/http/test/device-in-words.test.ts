import { deviceOf, programOf } from '../src/pages/device-in-words.js'

const mozilla = 'Mozilla/5.0'
const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)'

test.each([
  ['Chrome on Windows', `${mozilla} (Windows NT 10.0; Win64; x64) ${webkit} Chrome/140.0.0.0 Safari/537.36`],
  [
    'Edge on Windows',
    `${mozilla} (Windows NT 10.0; Win64; x64) ${webkit} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0`,
  ],
  [
    'Opera on macOS',
    `${mozilla} (Macintosh; Intel Mac OS X 10_15_7) ${webkit} Chrome/140.0.0.0 Safari/537.36 OPR/120.0`,
  ],
  ['Firefox on Linux', `${mozilla} (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0`],
  [
    'Firefox on iPhone',
    `${mozilla} (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/140.0 Mobile/15E148 Safari/605.1.15`,
  ],
  [
    'Safari on iPhone',
    `${mozilla} (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1`,
  ],
  [
    'Safari on macOS',
    `${mozilla} (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15`,
  ],
  ['Chrome on Android', `${mozilla} (Linux; Android 10; K) ${webkit} Chrome/140.0.0.0 Mobile Safari/537.36`],
  [
    'Samsung Internet on Android',
    `${mozilla} (Linux; Android 10; K) ${webkit} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`,
  ],
  ['Chrome on ChromeOS', `${mozilla} (X11; CrOS x86_64 14541.0.0) ${webkit} Chrome/140.0.0.0 Safari/537.36`],
])('%s is read from its User-Agent', (words, userAgent) => {
  const device = deviceOf(userAgent)
  expect(`${device?.browser} on ${device?.system}`).toBe(words)
  expect(programOf(userAgent)).toBeUndefined()
})

test.each([
  ['curl', 'curl/8.5.0'],
  ['okhttp', 'okhttp/4.12.0'],
  ['My App', 'My App/1.2 CFNetwork/1498 Darwin/23.6.0'],
  [undefined, `${mozilla} (compatible; Something)`],
  [undefined, ''],
  [undefined, '<script>alert(1)</script>/1.0'],
])('a program is called %s', (name, userAgent) => {
  expect(deviceOf(userAgent)).toBeUndefined()
  expect(programOf(userAgent)).toBe(name)
})

test('a long User-Agent takes no long time', () => {
  const started = process.hrtime.bigint()
  for (const text of ['Version/'.repeat(4000), 'a '.repeat(16_000), '.'.repeat(32_000)]) {
    deviceOf(text)
    programOf(text)
  }
  expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(1000)
})
