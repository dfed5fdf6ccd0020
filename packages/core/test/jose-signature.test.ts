import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { joseSignature } from '../src/access-tokens/signing-keys.js'

test('a signature in DER verifies as the two numbers side by side, however long these are', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const lengths = new Set<number>()
  // One number in 128 is shorter than 32 bytes.
  for (let index = 0; index < 1500; index++) {
    const data = Buffer.from(`message ${index}`)
    const der = sign('sha256', data, privateKey)
    const signature = joseSignature(der)
    lengths.add(der.length)
    expect(signature).toHaveLength(64)
    expect(verify('sha256', data, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true)
  }
  expect(lengths.size).toBeGreaterThanOrEqual(4)
})

test('short numbers stand at the end of their places', () => {
  const signature = joseSignature(Buffer.from([0x30, 0x07, 0x02, 0x01, 0x05, 0x02, 0x02, 0x00, 0xff]))
  expect(signature.toString('hex')).toBe(`${'05'.padStart(64, '0')}${'ff'.padStart(64, '0')}`)
})
