import { ENGINE_TIMEOUT_MS, sharedRedis } from '@oauth-ratchet/engines'

import { OpenedStorages } from './fixtures/opened-storages.js'
import { storedKeys, storedText } from './fixtures/stored-keys.js'
import { CLIENT_ID, TokenServer } from './fixtures/token-server.js'

let url = ''
const opened = new OpenedStorages()

beforeAll(async () => {
  ;({ url } = await sharedRedis())
}, ENGINE_TIMEOUT_MS)

afterAll(() => opened.close())

const PERSONAL = {
  subject: 'alice.example@mail.example',
  session: 'session-of-alice',
  metadata: { device: "Alice's telephone" },
  claims: { given_name: 'Alicia of the looking-glass' },
  acr: 'urn:example:silver',
}

/** How a text could stand there: as it is, or encoded, wherever in the groups of the encoding it begins. */
function formsOf(text: string): string[] {
  const encoded = ['', 'x', 'xx'].map((before) =>
    Buffer.from(before + text)
      .toString('base64url')
      .slice(4, -4),
  )
  return [text, Buffer.from(text).toString('hex'), ...encoded]
}

describe('what is stored', () => {
  it('names no person, no session and no device, and holds no token', async () => {
    const { client, prefix, storage } = await opened.open(url)
    const at = new TokenServer(storage)
    const issued = await at.server.grants.issue({ clientId: CLIENT_ID, scope: 'notes:read', ...PERSONAL })
    const second = await at.turned(issued.refresh_token ?? '')
    const third = await at.turned(second)
    const ended = await at.server.grants.issue({ clientId: CLIENT_ID, ...PERSONAL })
    await at.server.tokens.revoke(ended.refresh_token ?? '')
    const text = await storedText(client, prefix)
    // Not blind: what may stand there is found.
    expect(text).toContain(CLIENT_ID)
    expect(await storedKeys(client, prefix)).toHaveLength(3)
    const secrets = [
      PERSONAL.subject,
      PERSONAL.session,
      PERSONAL.metadata.device,
      PERSONAL.claims.given_name,
      PERSONAL.acr,
      'notes:read',
    ]
    for (const secret of secrets) for (const form of formsOf(secret)) expect(text).not.toContain(form)
    for (const token of [issued.access_token, issued.refresh_token ?? '', second, third]) {
      expect(text).not.toContain(token)
      expect(text).not.toContain(token.slice(-22))
    }
  })
})
