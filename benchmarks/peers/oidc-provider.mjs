// oidc-provider on its own server, with an adapter on ioredis after the contract in its documentation. It rotates by its own
// default for public clients, and lifetimes are those of the others here; without the scope `openid` it makes no ID token, so
// nothing is signed.
import { createServer } from 'node:http'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import { Provider } from 'oidc-provider'
import { createAdapter } from './oidc-provider-adapter.mjs'

const scope = 'notes:read notes:write'

export async function start(_, urls) {
  const redis = new Redis(urls.redis, { keyPrefix: 'oidc:' })
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const provider = new Provider('http://127.0.0.1', {
    adapter: createAdapter(redis),
    clients: [
      {
        client_id: 'app',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: ['https://app.example.com/callback'],
        id_token_signed_response_alg: 'ES256',
      },
    ],
    scopes: ['openid', 'offline_access', ...scope.split(' ')],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' }] },
    features: { devInteractions: { enabled: false } },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    ttl: { AccessToken: 900, Grant: 2_592_000, RefreshToken: 2_592_000 },
  })
  const client = await provider.Client.find('app')
  const issue = async (index) => {
    const accountId = `user-${index}`
    const grant = new provider.Grant({ accountId, clientId: 'app' })
    grant.addOIDCScope(scope)
    const grantId = await grant.save()
    return new provider.RefreshToken({ accountId, client, grantId, gty: 'authorization_code', scope }).save()
  }
  return { server: createServer(provider.callback()), issue, close: () => redis.disconnect() }
}
