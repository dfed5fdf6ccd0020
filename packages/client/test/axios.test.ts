import { Readable } from 'node:stream'
import { attachToAxios } from '@oauth-ratchet/client/axios'
import { create } from 'axios'
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
