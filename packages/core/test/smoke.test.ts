import { createAuthorizationServer, MemoryStorage } from '@oauth-ratchet/core'

test('smoke', async () => {
  const server = createAuthorizationServer({
    issuer: 'https://auth.example.com',
    secrets: ['x'.repeat(40)],
    storage: new MemoryStorage(),
    scopes: ['a', 'b'],
    clients: [
      {
        client_id: 'spa',
        token_endpoint_auth_method: 'none',
        redirect_uris: ['https://app.example/cb'],
        grant_types: ['authorization_code', 'refresh_token'],
        scope: 'a b',
      },
      { client_id: 'svc', client_secret: 's'.repeat(40), grant_types: ['client_credentials'], scope: 'a' },
    ],
  })
  const post = (body: string) =>
    server.endpoints.token({
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      query: '',
      body: Buffer.from(body),
    })
  const first = await server.grants.issue({ clientId: 'spa', subject: 'u1' })
  console.log(first)
  const r = await post(`grant_type=refresh_token&client_id=spa&refresh_token=${first.refresh_token}`)
  console.log(r)
  const r2 = await post(`grant_type=refresh_token&client_id=spa&refresh_token=${first.refresh_token}`)
  console.log(r2)
  console.log(await post(`grant_type=client_credentials&client_id=svc&client_secret=${'s'.repeat(40)}`))
  const a = server.endpoints.authorization()
  const pending = await a.begin({
    method: 'GET',
    headers: {},
    query:
      'client_id=spa&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&response_type=code&state=x%26y&code_challenge=' +
      'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM' +
      '&code_challenge_method=S256',
  })
  const red = await a.grant(pending, { subject: 'u2' }, ['a'])
  console.log(red)
  const code = new URL(red.headers['location'] ?? '').searchParams.get('code')
  console.log(
    await post(
      `grant_type=authorization_code&client_id=spa&code=${code}&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk`,
    ),
  )
  console.log(
    await post(
      `grant_type=authorization_code&client_id=spa&code=${code}&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk`,
    ),
  )
  await server.close()
})
