import { closeTabs, openTab } from './setup/tabs'

const issuer = 'https://foreign.example'
const redirectUri = 'https://app.example/callback'
const metadata = {
  issuer,
  token_endpoint: `${issuer}/token`,
  revocation_endpoint: `${issuer}/revoke`,
  authorization_endpoint: `${issuer}/authorize`,
}
const tokens = { access_token: 'a1', refresh_token: 'r1', token_type: 'Bearer', expires_in: 60 }

afterEach(closeTabs)

/** A server that is not ours, as its answers to posts are. */
function serverThatAnswers(answer: () => Response) {
  const requests: RequestInit[] = []
  const answering: typeof fetch = async (_url, init = {}) => {
    requests.push(init)
    return answer()
  }
  return { requests, fetch: answering }
}

test.each([
  ['an empty 200', () => new Response('')],
  ['204', () => new Response(null, { status: 204 })],
  ['text', () => new Response('OK')],
  ['JSON', () => Response.json({})],
])(
  'a revocation that is answered with %s was successful: its body means nothing (RFC 7009 §2.2)',
  async (_name, answer) => {
    const server = serverThatAnswers(answer)
    const { client } = openTab({ issuer, metadata, fetch: server.fetch })
    await client.adopt(tokens)

    await expect(client.signOut()).resolves.toBeUndefined()

    expect(server.requests).toHaveLength(1)
  },
)

test('the page of a hotel network is no answer to a revocation', async () => {
  const server = serverThatAnswers(() => new Response('<html>Sign in to this network</html>'))
  const { client } = openTab({ issuer, metadata, fetch: server.fetch })
  await client.adopt(tokens)

  await expect(client.signOut()).rejects.toMatchObject({ code: 'unavailable' })
})

test.each([
  { store: 'memory' as const, credentials: 'omit' },
  { store: 'cookie' as const, credentials: 'include' },
])(
  'with store $store a code is exchanged with credentials: $credentials, which a server of another origin must allow',
  async ({ store, credentials }) => {
    const kept = new Map<string, string>()
    Object.assign(globalThis, {
      localStorage: {
        getItem: (name: string) => kept.get(name) ?? null,
        setItem: (name: string, value: string) => kept.set(name, value),
        removeItem: (name: string) => kept.delete(name),
      },
    })
    const { refresh_token: _, ...inCookie } = tokens
    const server = serverThatAnswers(() => Response.json(store === 'cookie' ? inCookie : tokens))
    const { client } = openTab({ issuer, metadata, redirectUri, store, fetch: server.fetch })
    let state = ''
    await client.signIn({
      open: (url) => {
        state = new URL(url).searchParams.get('state') ?? ''
      },
    })
    await client.handleCallback(`${redirectUri}?code=c1&state=${state}`)

    expect(server.requests.map((request) => request.credentials)).toEqual([credentials])
    Reflect.deleteProperty(globalThis, 'localStorage')
  },
)
