import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf } from './setup/authorization.js'
import { clientA, startServer } from './setup/test-server.js'
import { issue, tokensOf } from './setup/tokens.js'

/** Of the table of sizes in docs/clients.md: the number in the row that begins so. */
function documented(row: string): number {
  const page = readFileSync(join(__dirname, '..', '..', '..', 'docs', 'clients.md'), 'utf8')
  const [, sizes = ''] = page.split('## Sizes')
  const line = sizes.split('\n').find((text) => text.startsWith(`| ${row} `))
  return Number(/\d[\d,]*/.exec(line?.split('|')[2] ?? '')?.[0].replace(',', ''))
}

const withId = (length: number) => () =>
  startServer({ clients: [{ ...clientA, client_id: 'x'.repeat(length) }] })

describe('sizes are documented (RFC 6749 §2.2, §4.1.2, §5.1)', () => {
  test('a client_id has as many characters as the documentation says, and no more', async () => {
    const most = documented('`client_id`')

    expect(withId(most)).not.toThrow()
    expect(withId(most + 1)).toThrow(expect.objectContaining({ code: 'clients.client_id' }))
    const { client_id, client_secret } = await startServer().server.clients.create({ grant_types: [] })
    expect(client_id).toHaveLength(documented('a `client_id` that the server makes'))
    expect(client_secret).toHaveLength(documented('a `client_secret` that the server makes'))
  })

  test('a code and a refresh token have the documented size, the first and the latest', async () => {
    const at = startServer()
    const first = await issue(at)
    const second = tokensOf(await at.refresh(first.refresh_token))

    expect(await codeOf(at)).toHaveLength(documented('an authorization code'))
    for (const { refresh_token } of [first, second])
      expect(refresh_token).toHaveLength(documented('a refresh token'))
  })

  test.each([
    ['opaque', { accessToken: { audience: ['a'] } }],
    ['jwt', { accessToken: { format: 'jwt', audience: ['a'] } }],
  ] as const)('no access token that is accepted is longer than documented: %s', async (format, options) => {
    const most = documented('an access token')
    const at = startServer(options)
    const { access_token } = await issue(at)
    const longer = startServer({
      ...options,
      accessToken: { ...options.accessToken, audience: ['a'.repeat(most)] },
    })

    await expect(at.server.tokens.verify(access_token, { audience: 'a' })).resolves.toBeDefined()
    expect(access_token.length).toBeLessThan(most)
    const { access_token: long } = await issue(longer)
    await expect(longer.server.tokens.verify(long)).rejects.toMatchObject({ code: 'invalid_token' })
    expect([format, long.length > most]).toEqual([format, true])
  })
})
