import * as fc from 'fast-check'
import { commonText, proofText, proofTextWith } from '../src/access-tokens/claims.js'

const ownId = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => Buffer.from(bytes).toString('base64url'))
const text = fc.string({ unit: 'grapheme' })
const content = fc.record({
  id: ownId,
  grantId: ownId,
  clientId: text,
  scope: text,
  audience: fc.array(text),
  issuedAt: fc.nat(),
  expiresAt: fc.nat(),
})

test('what a proof is over is the same text, put together or written at once', () => {
  fc.assert(
    fc.property(content, (made) => {
      expect(proofTextWith(commonText(made), made)).toBe(proofText(made))
    }),
  )
})
