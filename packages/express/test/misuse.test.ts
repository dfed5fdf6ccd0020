import { getAuth, oauthRouter, requireToken, sendTokens, wellKnownRouter } from '@oauth-ratchet/express'
import { makeServer } from './harness.js'

function call(work: (...parameters: never[]) => unknown, ...parameters: unknown[]): string | undefined {
  try {
    work(...(parameters as never[]))
  } catch (error) {
    return (error as { code?: string }).code
  }
  return undefined
}
const signIn = () => {}

describe('misuse is refused when the router or guard is made', () => {
  const { server } = makeServer()
  test.each([
    ['no server', [undefined], 'express.server'],
    ['something else than a server', [{ issuer: 'x' }], 'express.server'],
    ['options that are none', [server, 'x'], 'express.options'],
    ['options that are null', [server, null], 'express.options'],
    ['a misspelt option', [server, { signin: signIn }], 'express.unknown_option'],
    ['signIn that is no function', [server, { signIn: {} }], 'express.sign_in'],
    ['consent that is no function', [server, { signIn, consent: true }], 'express.consent'],
    ['consent without signIn', [server, { consent: signIn }], 'express.consent'],
    ['onDecision without signIn', [server, { onDecision: signIn }], 'express.on_decision'],
    ['passErrors that is no flag', [server, { passErrors: 'yes' }], 'express.pass_errors'],
    ['an unknown cors', [server, { cors: 'https://app.example' }], 'express.cors'],
  ])('oauthRouter: %s', (_case, parameters, code) => {
    expect(call(oauthRouter, ...parameters)).toBe(code)
  })

  test.each([
    ['no server', [{}], 'express.server'],
    ['options that are none', [server, true], 'express.options'],
    ['a misspelt option', [server, { openIdConfiguration: true }], 'express.unknown_option'],
    ['a flag that is none', [server, { openidConfiguration: 'yes' }], 'express.openid_configuration'],
  ])('wellKnownRouter: %s', (_case, parameters, code) => {
    expect(call(wellKnownRouter, ...parameters)).toBe(code)
  })

  test.each([
    ['no server', [undefined], 'express.server'],
    ['a scope in place of options', [server, 'read'], 'express.options'],
    ['a misspelt option', [server, { scopes: 'read' }], 'express.unknown_option'],
    ['a name that is reserved', [server, { maxAuthAge: 60 }], 'express.unknown_option'],
    ['an empty scope', [server, { scope: '' }], 'express.scope'],
    ['an empty list of scopes', [server, { scope: [] }], 'express.scope'],
    ['a scope of spaces, which guards nothing', [server, { scope: ' ' }], 'express.scope'],
    ['an empty list of audiences', [server, { audience: [] }], 'express.audience'],
    ['a scope that is no string', [server, { scope: [1] }], 'express.scope'],
    ['a scope that is there and undefined', [server, { scope: undefined }], 'express.scope'],
    ['a scope that the server does not have', [server, { scope: 'read admin' }], 'express.unknown_scope'],
    ['a scope with a quote', [server, { scope: 'a"b' }], 'express.scope'],
    ['an empty audience', [server, { audience: '' }], 'express.audience'],
    ['checkGrant that is no flag', [server, { checkGrant: 'no' }], 'express.checkGrant'],
    ['optional that is no flag', [server, { optional: 1 }], 'express.optional'],
    ['an unknown subject', [server, { subject: 'client' }], 'express.subject'],
    ['user that is no function', [server, { user: {} }], 'express.user'],
    ['an empty property', [server, { property: '' }], 'express.property'],
  ])('requireToken: %s', (_case, parameters, code) => {
    expect(call(requireToken, ...parameters)).toBe(code)
  })

  test('what is right is taken', () => {
    expect(call(oauthRouter, server)).toBeUndefined()
    expect(
      call(oauthRouter, server, { signIn, consent: signIn, onDecision: signIn, cors: '*' }),
    ).toBeUndefined()
    expect(
      call(oauthRouter, server, { signIn, consent: undefined, cors: undefined, passErrors: false }),
    ).toBeUndefined()
    expect(call(requireToken, server, { scope: ['read write', 'read'], property: 'caller' })).toBeUndefined()
  })

  test('a server that names no scopes only verifies: its guards may ask for any', () => {
    const { server: api } = makeServer({ scopes: [], clients: [] })
    expect(call(requireToken, api, { scope: 'orders:read' })).toBeUndefined()
  })

  test.each<[(...parameters: never[]) => unknown, unknown, string]>([
    [oauthRouter, { sign_in: signIn }, 'Did you mean "signIn"?'],
    [oauthRouter, { signIn, onDecison: signIn }, 'Did you mean "onDecision"?'],
    [oauthRouter, { signIn, passError: true }, 'Did you mean "passErrors"?'],
    [requireToken, { scopes: 'read' }, 'Did you mean "scope"?'],
    [requireToken, { aud: 'x' }, 'Did you mean "audience"?'],
    [requireToken, { scope: 'raed' }, 'Did you mean "read"?'],
  ])('the error names what was probably meant: %p %p', (work, options, hint) => {
    expect(() => work(...([server, options] as never[]))).toThrow(hint)
  })

  test('sendTokens: a promise, where await was forgotten, and arguments that were swapped', () => {
    const res = { headersSent: false }
    for (const tokens of [Promise.resolve({ access_token: 'x' }), undefined, {}, { access_token: 5 }])
      expect(call(sendTokens, res, tokens)).toBe('express.send_tokens')
    expect(call(sendTokens, { access_token: 'x' }, res)).toBe('express.send_tokens')
  })

  test('getAuth: a misspelt option', () => {
    expect(call(getAuth, {}, { optinal: true })).toBe('express.unknown_option')
    expect(call(getAuth, {}, { optional: true })).toBeUndefined()
  })
})
