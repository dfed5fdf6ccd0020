import * as fc from 'fast-check'
import { tokenResponseJson } from '../../src/grants/token-response.js'
import type { TokenResponse } from '../../src/grants/token-response.js'

// In the order in which the issuer writes them.
const responses: fc.Arbitrary<TokenResponse> = fc
  .tuple(
    fc.record({
      access_token: fc.base64String().map((text) => `ora_${text}`),
      token_type: fc.constant('Bearer' as const),
      expires_in: fc.nat(),
    }),
    fc.record({ scope: fc.string({ unit: 'grapheme' }) }, { requiredKeys: [] }),
    fc.record(
      {
        refresh_token: fc.base64String(),
        refresh_token_expires_in: fc.nat(),
        refresh_token_timeout: fc.nat(),
        authorization_expires_in: fc.nat(),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([token, scope, refresh]) => ({ ...token, ...scope, ...refresh }))

test('a token response is written as JSON.stringify writes it', () => {
  fc.assert(
    fc.property(responses, (response) => {
      expect(tokenResponseJson(response)).toBe(JSON.stringify(response))
    }),
  )
})
