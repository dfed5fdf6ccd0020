import { nearName } from '../src/options/near-name.js'

const members = [
  'client_id',
  'client_secret',
  'client_uri',
  'redirect_uris',
  'grant_types',
  'scope',
  'session',
]

describe('a name is near a known one', () => {
  test.each([
    ['redirectUris', 'redirect_uris'],
    ['redirect-uri', 'redirect_uris'],
    ['REDIRECT_URIS', 'redirect_uris'],
    ['redirectURLs', 'redirect_uris'],
    ['redirect', 'redirect_uris'],
    ['clientSecrte', 'client_secret'],
    ['clientId', 'client_id'],
    ['scopes', 'scope'],
    ['scpoe', 'scope'],
    ['sesion', 'session'],
    ['sid', 'session'],
  ])('%s: %s', (name, near) => {
    expect(nearName(name, members, { sid: 'session', sub: 'subject' })).toBe(near)
  })

  test.each([
    ['tenant'],
    ['client'],
    ['sub'],
    ['a'],
    [''],
    ['__proto__'],
    ['toString'],
    ['granted'],
    ['software_id'],
    ['x'.repeat(100_000)],
  ])('and none is: %.20s', (name) => {
    expect(nearName(name, members, { sid: 'session', sub: 'subject' })).toBeUndefined()
  })
})
