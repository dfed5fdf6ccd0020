import * as fc from 'fast-check'
import { newestFormat, sealFacts, unsealFacts, unsealForOnce } from '../../src/ratchet/sealing.js'
import type { Facts } from '../../src/ratchet/sealing.js'
import { KeyRing } from '../../src/ratchet/secrets.js'
import { grantOf, id } from '../setup/records.js'

const ringOf = (secret: string, realm = 'https://auth.example.com', ...older: string[]) =>
  new KeyRing(
    [secret, ...older].map((text) => new TextEncoder().encode(text.padEnd(40, '.'))),
    realm,
  )
const ring = ringOf('one')
const facts: Facts = {
  subject: 'alice@example.com',
  scope: 'read',
  session: 's1',
  metadata: { device: 'phone' },
}
const sealed = sealFacts(ring, id('g'), facts)
const record = grantOf({ facts: sealed })
const storageError = expect.objectContaining({ name: 'StorageError' }) as Error

describe('sealed facts', () => {
  test('open as what they were', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }),
        fc.string(),
        fc.dictionary(fc.string(), fc.jsonValue()),
        (subject, scope, claims) => {
          const given = { subject, scope, claims }
          const opened = unsealFacts(ring, grantOf({ facts: sealFacts(ring, id('g'), given) }))

          expect(opened).toEqual(JSON.parse(JSON.stringify(given)))
        },
      ),
      { numRuns: 50 },
    )
  })

  test('open again as an object of its own: what one caller changes, the next does not see', () => {
    const opened = unsealFacts(ring, record) as { subject: string; metadata: Record<string, unknown> }
    opened.subject = 'mallory'
    opened.metadata['device'] = 'hers'

    expect(unsealFacts(ring, record)).toEqual(facts)
  })

  test('are another string each time, and say nothing of what they hold (R26)', () => {
    const again = sealFacts(ring, id('g'), facts)

    expect(again).not.toBe(sealed)
    const bytes = Buffer.from(sealed, 'base64url').toString('latin1')
    for (const word of ['alice', 'example', 'subject', 'phone', 'read']) expect(bytes).not.toContain(word)
  })

  test('do not open in another record: moved, they are damage and not another person', () => {
    expect(() => unsealFacts(ring, { ...record, id: id('h') })).toThrow(storageError)
  })

  test('do not open with any byte changed, or cut', () => {
    const bytes = Buffer.from(sealed, 'base64url')
    // The first four are the key id: with another one there is no key at all.
    for (let at = 4; at < bytes.length; at++) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(() => unsealFacts(ring, { ...record, facts: changed.toString('base64url') })).toThrow(
        storageError,
      )
    }
    expect(() =>
      unsealFacts(ring, { ...record, facts: bytes.subarray(0, -1).toString('base64url') }),
    ).toThrow(storageError)
  })

  test('of many grants that are looked at once do not push out those that are being refreshed', () => {
    const own = ringOf('one')
    unsealFacts(own, record)
    for (let count = 0; count < 1200; count++) {
      const grantId = id(`g${count}`)
      const facts1 = sealFacts(own, grantId, facts)
      expect(unsealForOnce(own, grantOf({ id: grantId, facts: facts1 }))).toEqual(facts)
    }

    expect(own.unsealed.get(sealed)?.grantId).toBe(record.id)
    expect(() => unsealForOnce(own, { ...record, id: id('h') })).toThrow(storageError)
  })

  test('that are large are remembered of fewer grants, so that memory stays bounded', () => {
    const own = ringOf('one')
    const large = { ...facts, claims: { groups: 'g'.repeat(890_000) } }
    // Of 1.2 million characters each: ten have room.
    const grants = Array.from({ length: 14 }, (_, index) =>
      grantOf({ id: id(`g${index}`), facts: sealFacts(own, id(`g${index}`), large) }),
    )
    for (const grant of grants) expect(unsealFacts(own, grant)).toEqual(large)

    expect(grants.map((grant) => own.unsealed.get(grant.facts) !== undefined)).toEqual(
      grants.map((_grant, index) => index >= 4),
    )
  })

  test('that are damaged are not shown in the error', () => {
    let message = ''
    try {
      unsealFacts(ring, { ...record, id: id('h') })
    } catch (error) {
      message = String(error)
    }

    expect(message).toContain('damaged')
    expect(message).not.toContain(sealed.slice(0, 20))
  })

  test('under a secret that is gone, of another realm, or erased, are nothing', () => {
    expect(unsealFacts(ringOf('two'), record)).toBeUndefined()
    expect(unsealFacts(ring, { ...record, facts: '' })).toBeUndefined()
    expect(unsealFacts(ring, { ...record, facts: 'AAAA' })).toBeUndefined()
    // The key is named by its secret; the realm is in what is derived from it.
    expect(() => unsealFacts(ringOf('one', 'https://tenant.example.com'), record)).toThrow(storageError)
  })

  test('open under an older secret of the list, wherever it stands', () => {
    expect(unsealFacts(ringOf('two', undefined, 'one'), record)).toEqual(facts)
    expect(unsealFacts(ringOf('three', undefined, 'two', 'one'), record)).toEqual(facts)
  })

  test('of a newer format than this version knows are left alone: an outage, not a verdict', () => {
    const newer = { ...record, format: newestFormat + 1 }

    expect(() => unsealFacts(ring, newer)).toThrow(
      expect.objectContaining({ name: 'StorageError', outcome: 'not_applied' }) as Error,
    )
    expect(() => unsealFacts(ring, { ...newer, facts: '' })).toThrow(storageError)
  })
})
