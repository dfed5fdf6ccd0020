import { Readable } from 'node:stream'
import { attachToAxios } from '@oauth-ratchet/client/axios'
import { create } from 'axios'
import type { AxiosAdapter } from 'axios'
import { startService } from './setup/service'
import type { Service } from './setup/service'
import { closeTabs, openTab } from './setup/tabs'

let service: Service
beforeEach(async () => {
  service = await startService()
})
afterEach(async () => {
  closeTabs()
  await service.close()
})

async function attached(count: number) {
  const { client } = openTab({ issuer: service.issuer })
  const tokens = await service.signedIn()
  await client.adopt(tokens)
  const instances = Array.from({ length: count }, () => create({ baseURL: `${service.issuer}/api` }))
  const detach = instances.map((instance) => attachToAxios(instance, client))
  return { client, instances, tokens, detach }
}

interface Sent {
  readonly url: string
  readonly authorization?: string
}

/** Answers what would have been requested, as axios itself makes the URL. */
const adapter: AxiosAdapter = async (config) => {
  const authorization = config.headers.get('authorization')
  const data = { url: create().getUri(config), ...(authorization !== undefined && { authorization }) }
  return { data, status: 200, statusText: 'OK', headers: {}, config }
}

test('several instances that meet a 401 at once refresh once', async () => {
  const { instances, tokens } = await attached(3)
  service.refused.add(tokens.access_token)

  const answers = await Promise.all(
    instances.flatMap((instance) => [instance.get('/notes'), instance.post('notes', { a: 1 })]),
  )

  expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200))
  expect(service.refreshes).toHaveLength(1)
})

test('a 401 that comes again is handed to the caller: there is no loop', async () => {
  const { instances, client, tokens } = await attached(1)
  service.refused.add(tokens.access_token)
  client.on('refreshed', () => void client.getAccessToken().then((token) => service.refused.add(token ?? '')))

  await expect(instances[0]?.get('/notes')).rejects.toMatchObject({ response: { status: 401 } })
  expect(service.refreshes).toHaveLength(1)
})

test('a request elsewhere, or with a header of its own, is left alone', async () => {
  const { instances } = await attached(1)

  const headers = { Authorization: 'Bearer of-my-own' }
  await expect(instances[0]?.get('/notes', { headers })).rejects.toMatchObject({ response: { status: 401 } })
  expect(service.refreshes).toHaveLength(0)
})

test('a stream is not sent again', async () => {
  const { instances, tokens } = await attached(1)
  service.refused.add(tokens.access_token)

  await expect(instances[0]?.post('/notes', Readable.from(['x']))).rejects.toMatchObject({
    code: 'body_not_replayable',
  })
})

test('taken off again, requests go out without the token', async () => {
  const { instances, detach } = await attached(1)
  detach[0]?.()

  await expect(instances[0]?.get('/notes')).rejects.toMatchObject({ response: { status: 401 } })
})

test.each([
  [{ allowAbsoluteUrls: false }, {}],
  [{}, { allowAbsoluteUrls: false }],
])(
  'with an absolute URL that axios appends to its baseURL (%j, %j), the baseURL says who gets the token',
  async (defaults, config) => {
    const { client } = openTab({ issuer: service.issuer, resources: ['https://api.example', service.issuer] })
    await client.adopt(await service.signedIn())
    const foreign = create({ baseURL: 'http://other.example', adapter, ...defaults })
    const own = create({ baseURL: `${service.issuer}/api`, adapter, ...defaults })
    for (const instance of [foreign, own]) attachToAxios(instance, client)

    const [notNamed, named] = [
      await foreign.get<Sent>('https://api.example/notes', config),
      await own.get<Sent>('https://other.example/notes', config),
    ]

    expect(notNamed.data).toEqual({ url: 'http://other.example/https://api.example/notes' })
    expect(named.data.authorization).toMatch(/^Bearer /)
  },
)

test.each([
  ['a protocol-relative URL', '//other.example/notes', {}],
  ['a URL in which only the query names an API', '?https://api.example', {}],
  ['no baseURL of its own request', '/notes', { baseURL: 'http://other.example' }],
  ['parameters that name an API', 'http://other.example/', { params: { to: 'https://api.example' } }],
  ['an absolute URL', 'HTTP://other.example/notes', {}],
])('%s is judged by the origin that axios requests', async (_name, url, config) => {
  const { client } = openTab({ issuer: service.issuer, resources: ['https://api.example'] })
  await client.adopt(await service.signedIn())
  const instance = create({
    baseURL: url.startsWith('?') ? 'http://other.example' : 'https://api.example',
    adapter,
  })
  attachToAxios(instance, client)

  const { data } = await instance.get<Sent>(url, config)

  expect(data.authorization).toBeUndefined()
})

test.each(['before', 'after'] as const)(
  'an interceptor added %s it that changes the URL does not take the token elsewhere',
  async (when) => {
    const { client } = openTab({ issuer: service.issuer, resources: ['https://api.example'] })
    await client.adopt(await service.signedIn())
    const instance = create({ adapter })
    if (when === 'after') attachToAxios(instance, client)
    instance.interceptors.request.use((config) => ({ ...config, url: 'http://other.example/' }))
    if (when === 'before') attachToAxios(instance, client)

    const { data } = await instance.get<Sent>('https://api.example/notes')

    expect(data).toEqual({ url: 'http://other.example/' })
  },
)

test('an instance whose validateStatus lets a 401 pass gets its retry too', async () => {
  const { instances, tokens } = await attached(1)
  service.refused.add(tokens.access_token)

  const answer = await instances[0]?.get('/notes', { validateStatus: () => true })
  const stream = instances[0]?.post('/notes', Readable.from(['x']), { validateStatus: () => true })

  expect(answer?.status).toBe(200)
  await expect(stream).resolves.toMatchObject({ status: 200 })
  expect(service.refreshes).toHaveLength(1)
})
