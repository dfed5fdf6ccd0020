import * as fc from 'fast-check'
import { OAuthError } from '@oauth-ratchet/core'
import { parseForm, readForm } from '../src/http/parameters.js'
import { formRequest } from './setup/test-server.js'

const refused = (status = 400) =>
  expect.objectContaining({ name: 'OAuthError', code: 'invalid_request', status }) as Error
const read = (form: string, type = 'application/x-www-form-urlencoded', more = {}) =>
  readForm(formRequest(form, { headers: { 'content-type': type, ...more } }))

/** A form that a body parser of the app's has been at. */
const afterParser = (body: object) =>
  readForm({
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    query: '',
    body,
  })

describe('a form', () => {
  test('is decoded as RFC 6749 Appendix B has it (H2)', () => {
    expect(Object.fromEntries(read('a=1&b=+%2B%25%26&c=%C3%A9%F0%9F%94%91&d=x=y'))).toEqual({
      a: '1',
      b: ' +%&',
      c: 'é🔑',
      d: 'x=y',
    })
  })

  test('any parameters come back as they were sent', () => {
    const names = fc.stringMatching(/^[a-z_][\w.-]{0,20}$/).filter((name) => name !== '__proto__')
    fc.assert(
      fc.property(fc.dictionary(names, fc.string({ unit: 'grapheme', minLength: 1 })), (parameters) => {
        const parsed = parseForm(new URLSearchParams(parameters).toString())

        expect(new Map(parsed)).toEqual(new Map(Object.entries(parameters)))
      }),
    )
  })

  test('what is empty is left out (H5)', () => {
    expect([...read('a=&b&c=1&&')]).toEqual([['c', '1']])
    expect([...read('')]).toEqual([])
    expect([...readForm({ method: 'POST', headers: {}, query: 'a=1' })]).toEqual([])
  })

  test('what is repeated is refused, empty or not, but for resource and audience (H3)', () => {
    for (const form of ['a=1&a=2', 'a=1&a=1', 'a=&a=', 'a&a=1', 'a=1&%61=2'])
      expect(() => read(form)).toThrow(refused())
    expect(read('resource=1&resource=2&audience=3&audience=4').size).toBe(2)
  })

  test('a list that a parser made of brackets is refused, with a single entry too (H4)', () => {
    for (const list of [['1'], ['1', '2'], []]) expect(() => afterParser({ a: list })).toThrow(refused())
    expect(afterParser({ resource: ['1'], a: '1' }).size).toBe(2)
  })

  test('names with brackets, of prototypes, or none at all are refused (H4)', () => {
    for (const form of [
      'a[]=1',
      'a[b]=1',
      'a%5B%5D=1',
      '__proto__=1',
      '=1',
      'a b=1',
      'é=1',
      'a%00=1',
      '%5F_proto__=1',
    ]) {
      expect(() => read(form)).toThrow(refused())
    }
    expect(Object.fromEntries(read('constructor=1&prototype=2'))).toMatchObject({
      constructor: '1',
      prototype: '2',
    })
  })

  test('malformed percent-encoding and bytes that are not UTF-8 are refused (H11)', () => {
    for (const form of ['a=%', 'a=%4', 'a=%zz', '%=1', 'a=%ff', 'a=%C3', 'a=%ED%A0%80']) {
      expect(() => read(form)).toThrow(refused())
    }
    const request = { ...formRequest(''), body: Buffer.from([97, 61, 255]) }
    expect(() => readForm(request)).toThrow(refused())
  })

  test('nothing that comes in makes anything but parameters or an OAuthError (H11)', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (body) => {
        try {
          readForm({ ...formRequest(''), body })
        } catch (error) {
          expect(error).toBeInstanceOf(OAuthError)
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('the media type', () => {
  test('may be in any case and have parameters', () => {
    for (const type of [
      'Application/X-WWW-Form-URLEncoded',
      'application/x-www-form-urlencoded; charset=UTF-8',
      'application/x-www-form-urlencoded;charset="utf-8"; x=y',
      'application/x-www-form-urlencoded;charset=utf8',
    ]) {
      expect(read('a=1', type).get('a')).toBe('1')
    }
  })

  test('is refused when it is another one (H2)', () => {
    for (const type of [
      'application/json',
      'multipart/form-data; boundary=x',
      'text/plain',
      '',
      'application/x-www-form-urlencoded2',
    ]) {
      expect(() => read('a=1', type)).toThrow(refused())
    }
    expect(() => readForm({ ...formRequest('a=1'), headers: {} })).toThrow(refused())
  })

  test('another charset or a compressed body is 415 (H11)', () => {
    const form = 'application/x-www-form-urlencoded'

    expect(() => read('a=1', `${form}; charset=iso-8859-1`)).toThrow(refused(415))
    expect(() => read('a=1', `${form}; charset=utf-16`)).toThrow(refused(415))
    for (const encoding of ['gzip', 'br', 'deflate']) {
      expect(() => read('a=1', form, { 'content-encoding': encoding })).toThrow(refused(415))
    }
    expect(read('a=1', form, { 'content-encoding': 'identity' }).get('a')).toBe('1')
  })
})
