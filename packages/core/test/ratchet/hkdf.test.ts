import { hkdfSync, randomBytes } from 'node:crypto'
import { hkdfOf } from '../../src/ratchet/hkdf.js'

// Keys that are derived in another way open nothing that was sealed before.
test('keys are those of crypto.hkdfSync, whatever the secret, the salt, the purpose and the length', () => {
  for (const secret of [1, 32, 64, 65, 1000].map((length) => randomBytes(length))) {
    for (const salt of ['', 'oauth-ratchet/1', 's'.repeat(64)]) {
      const derive = hkdfOf(secret, Buffer.from(salt))
      for (const info of ['', 'sealing\nhttps://auth.example.com', 'ü'.repeat(500)]) {
        for (const length of [1, 4, 31, 32, 33, 48, 64, 255 * 32]) {
          expect(derive(info, length)).toEqual(Buffer.from(hkdfSync('sha256', secret, salt, info, length)))
        }
      }
    }
  }
})
