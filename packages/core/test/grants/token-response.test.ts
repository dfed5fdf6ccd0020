import fc from 'fast-check'
import { tokenResponseJson } from '../../src/grants/token-response.js'
import type { TokenResponse } from '../../src/grants/token-response.js'

// In the order in which the issuer writes them.
const responses = fc
  .record(
    {
      access_token: fc.base64String().map((text) => `ora_${text}`),
      token_type: fc.constant('Bearer' as const),
      expires_in: fc.nat(),
      scope: fc.string({ unit: 'grapheme' }),
      refresh_token: fc.base64String(),
      refresh_token_expires_in: fc.nat(),
      refresh_token_timeout: fc.nat(),
      authorization_expires_in: fc.nat(),
    },
    { requiredKeys: ['access_token', 'token_type', 'expires_in'] },
  )
  .map((made) => {
    const { scope, ...rest } = made as TokenResponse
    const { access_token, token_type, expires_in, ...others } = rest
    return { access_token, token_type, expires_in, ...(scope !== undefined && { scope }), ...others }
  })

test('a token response is written as JSON.stringify writes it', () => {
  fc.assert(
    fc.property(responses, (response) => {
      expect(tokenResponseJson(response)).toBe(JSON.stringify(response))
    }),
  )
})
