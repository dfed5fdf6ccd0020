import * as fc from 'fast-check'
import { OAuthError } from '@oauth-ratchet/core'
import { backChannelParameters } from '../src/http/parameter-names.js'
import { decodeComponent, readForm, readFormText } from '../src/http/parameters.js'
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

const textAfterParser = (body: object) =>
  readFormText({
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    query: '',
    body,
  })

function messageOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    return (error as Error).message
  }
  return 'not refused'
}

const known = [...backChannelParameters]
const once = known.filter((name) => !['resource', 'audience'].includes(name))

describe('a form', () => {
  test('is decoded as RFC 6749 Appendix B has it (H2)', () => {
    const form = read('code=1&password=+%2B%25%26&username=%C3%A9%F0%9F%94%91&scope=x=y&client%5Fid=a')

    expect(Object.fromEntries(form)).toEqual({
      code: '1',
      password: ' +%&',
      username: 'é🔑',
      scope: 'x=y',
      client_id: 'a',
    })
  })

  test('known parameters come back as they were sent', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((value) => !/\p{Cc}/u.test(value))
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...known), text), (parameters) => {
        const parsed = read(new URLSearchParams(parameters).toString())

        expect(new Map(parsed)).toEqual(new Map(Object.entries(parameters)))
      }),
    )
  })

  test('what is empty is left out (H5)', () => {
    expect([...read('code=&scope&token=1&&')]).toEqual([['token', '1']])
    expect([...read('')]).toEqual([])
    expect([...readForm({ method: 'POST', headers: {}, query: 'code=1' })]).toEqual([])
  })

  test.each(once)('%s is refused when it is repeated, empty or not (H3)', (name) => {
    for (const form of [
      `${name}=1&${name}=2`,
      `${name}=1&${name}=1`,
      `${name}=&${name}=`,
      `${name}&${name}=1`,
      `${name}=1&%${name.charCodeAt(0).toString(16)}${name.slice(1)}=2`,
    ]) {
      expect(() => read(form)).toThrow(refused())
    }
    expect(() => afterParser({ [name]: ['1', '2'] })).toThrow(refused())
  })

  test('resource and audience may be repeated (RFC 8707 §2)', () => {
    expect(read('resource=1&resource=2&audience=3&audience=4').size).toBe(2)
    expect(afterParser({ resource: ['1', '2'], audience: '3' }).size).toBe(2)
  })

  test.each(known)('%s is refused in a form with brackets, from bytes and after a parser (H4)', (name) => {
    for (const form of [`${name}[]`, `${name}[a]`, `${name}[a][b]`, `${name}[`, `${name}]`, `[${name}]`]) {
      expect(() => read(`${form}=1`)).toThrow(refused())
      expect(() => read(`${encodeURIComponent(form)}=1`)).toThrow(refused())
      expect(() => read(`${form}=1&${name}=1`)).toThrow(refused())
      // Express's `urlencoded({ extended: false })` leaves brackets in names.
      expect(() => afterParser({ [form]: '1' })).toThrow(refused())
    }
    expect(() => afterParser({ [name]: { a: '1' } })).toThrow(refused())
  })

  test('a list that a parser made of brackets is refused, with a single entry too (H4)', () => {
    for (const list of [['1'], ['1', '2'], []]) expect(() => afterParser({ code: list })).toThrow(refused())
    for (const list of [[['1']], [{ a: '1' }]]) {
      expect(() => afterParser({ resource: list })).toThrow(refused())
    }
    expect(afterParser({ resource: ['1'], code: '1' }).size).toBe(2)
  })

  test.each([
    '__proto__',
    '%5F_proto__',
    '__proto__[admin]',
    'x[__proto__][admin]',
    '[__proto__]',
    'constructor[prototype][admin]',
    'x[constructor][prototype]',
    'x[prototype]',
  ])('%s, a way to a prototype, is refused (H4)', (name) => {
    expect(() => read(`${name}=1`)).toThrow(refused())
    const body = Object.create(null) as Record<string, string>
    body[decodeURIComponent(name)] = '1'
    expect(() => afterParser(body)).toThrow(refused())
  })

  test.each([
    'foo',
    'device[id]',
    'device[]',
    'device[code]',
    '$schema',
    'urn:x:y',
    'ünï',
    'a b',
    'constructor',
    'prototype',
    'toString',
    'Code',
    'code.x',
    'x'.repeat(5000),
  ])('the unknown parameter %p is ignored, repeated or not (H6, RFC 6749 §3.2)', (name) => {
    const pair = `${encodeURIComponent(name)}=1`

    expect([...read(`code=1&${pair}&${pair}`)]).toEqual([['code', '1']])
    for (const value of ['1', ['1', '2'], { id: '1' }, 5, null]) {
      expect([...afterParser({ code: '1', [name]: value })]).toEqual([['code', '1']])
    }
  })

  test('a value without a name is refused', () => {
    for (const form of ['=1', '=', 'code=1&=']) expect(() => read(form)).toThrow(refused())
    expect(() => afterParser({ '': '1' })).toThrow(refused())
  })

  test('raw brackets in an unknown name are ignored as encoded ones are', () => {
    expect([...read('device[id]=1&device[name]=2&tags[]=1&tags[]=2&code=1')]).toEqual([['code', '1']])
  })

  test('malformed percent-encoding and bytes that are not UTF-8 are refused (H11)', () => {
    for (const form of ['code=%', 'a=%4', 'a=%zz', '%=1', 'code=%ff', 'a=%C3', 'a=%ED%A0%80']) {
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

const controls = ['\u0000', '\t', '\n', '\r', '\u001b', '\u007f', '\u0085', '\u009f']

describe('a control character', () => {
  test.each(once.filter((name) => !['refresh_token', 'code', 'token'].includes(name)))(
    'is refused in %s, wherever it stands, from bytes and after a parser',
    (name) => {
      for (const control of controls) {
        for (const value of [control, `${control}x`, `x${control}`, `x${control}x`]) {
          expect(() => read(new URLSearchParams({ [name]: value }).toString())).toThrow(refused())
          expect(() => afterParser({ [name]: value })).toThrow(refused())
        }
      }
    },
  )

  test('is refused in a parameter that may be repeated or is unknown, and in a name', () => {
    for (const control of controls) {
      const [value, list] = [`x${control}`, ['x', `x${control}`]]
      expect(() => afterParser({ resource: list })).toThrow(refused())
      for (const name of ['resource', 'unheard-of', `code${control}`, control]) {
        expect(() => read(new URLSearchParams({ [name]: value }).toString())).toThrow(refused())
        expect(() => afterParser({ [name]: value })).toThrow(refused())
      }
      expect(() => read(`${encodeURIComponent(`code${control}`)}=x`)).toThrow(refused())
    }
  })

  test('in a token makes that a token that is none, and not a malformed request', () => {
    for (const name of ['refresh_token', 'code', 'token']) {
      expect(read(`${name}=x%00`).get(name)).toBe('x\u0000')
    }
  })

  test('is what other characters are not: Unicode is taken, with joiners and marks of direction', () => {
    const text = 'Zoë 鍵 👩‍💻 \u200f\u00a0\u00ad'

    expect(read(new URLSearchParams({ password: text }).toString()).get('password')).toBe(text)
    expect(decodeComponent(encodeURIComponent(text))).toBe(text)
  })

  test('is refused in a credential, encoded or not', () => {
    for (const text of ['a%00', 'a\u0000', '%0a', 'a%C2%85', '%7F']) {
      expect(() => decodeComponent(text)).toThrow(refused())
    }
  })
})

describe('what a refused form says', () => {
  const token = `orr_${'A'.repeat(100)}`
  const hush = 'kR3vQd8uXz1LwT6yB9mNc4pHs7jFa2gE5oVi0rUxKtY'
  const json = JSON.stringify({ grant_type: 'refresh_token', refresh_token: token, client_secret: hush })

  test('of JSON under the form media type is how to cure it, and nothing that is in it', () => {
    for (const body of [
      json,
      ` ${json}`,
      JSON.stringify({ a: [token] }),
      JSON.stringify(JSON.parse(json), null, 2),
    ]) {
      expect(messageOf(() => read(body.replaceAll('\n', ' ')))).toBe(
        'The body is JSON. Send the same parameters as a form.',
      )
    }
    expect(messageOf(() => afterParser({ [json]: '' }))).toContain('is JSON')
    expect(messageOf(() => read(JSON.stringify(JSON.parse(json), null, 2)))).not.toMatch(/orr_|kR3v/)
  })

  test('quotes names that are known and nothing else', () => {
    for (const text of [token, hush]) {
      for (const form of [
        `${text}[]=1`,
        `${text}&${text}`,
        `__proto__[${text}]=1`,
        `code[${text}]=1`,
        `code=${text}&code=${text}`,
        `scope=${text}%00`,
        `${text}%00=1`,
        `x=${text}%00`,
        `x=${text}%zz`,
      ]) {
        expect(messageOf(() => read(form))).not.toContain(text)
      }
      for (const body of [
        { code: [text] },
        { code: { [text]: text } },
        { [text]: '\0' },
        { [`${text}\0`]: '' },
      ]) {
        expect(messageOf(() => afterParser(body))).not.toContain(text)
      }
    }
    expect(messageOf(() => read('scope=1&scope=2'))).toContain('scope')
    expect(messageOf(() => read('scope[a]=2'))).toContain('scope')
  })
})

describe('the text of a form that a parser has been at', () => {
  test('has repetition as repetition, and everything that is no string as brackets', () => {
    expect(textAfterParser({ a: '1', b: ['2', '3'], c: ['4'], d: { e: '5' }, f: [] })).toBe(
      'a=1&b=2&b=3&c%5B%5D=&d%5B%5D=&f%5B%5D=',
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
      expect(read('code=1', type).get('code')).toBe('1')
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

  const form = 'application/x-www-form-urlencoded'

  test.each([
    'iso-8859-1',
    'US-ASCII',
    'windows-1252',
    'latin1',
    'iso-8859-15',
    '"ISO-8859-1"',
    'koi8-r',
    'gbk',
  ])('may name the charset %s, which extends ASCII, where the body is ASCII', (charset) => {
    expect(read('code=1&scope=%C3%A9', `${form}; charset=${charset}`).get('scope')).toBe('é')

    const body = Buffer.from('code=é')
    const headers = { 'content-type': `${form}; charset=${charset}` }
    expect(() => readForm({ ...formRequest(''), headers, body })).toThrow(refused(415))
  })

  test('another charset is 415: of more than ASCII, unknown, or none (H11)', () => {
    for (const charset of ['utf-16', 'utf-16le', 'utf-7', 'ebcdic', 'x-user', 'iso-2022-kr', '', '""']) {
      expect(() => read('code=1', `${form}; charset=${charset}`)).toThrow(refused(415))
    }
  })

  test('is left to a parser of the app’s where that has decoded the body', () => {
    const headers = { 'content-type': `${form}; charset=iso-8859-1` }

    expect(readForm({ method: 'POST', headers, query: '', body: { code: 'é' } }).get('code')).toBe('é')
  })

  test('a compressed body is 415 (H11)', () => {
    for (const encoding of ['gzip', 'br', 'deflate']) {
      expect(() => read('code=1', form, { 'content-encoding': encoding })).toThrow(refused(415))
    }
    expect(read('code=1', form, { 'content-encoding': 'identity' }).get('code')).toBe('1')
  })
})
