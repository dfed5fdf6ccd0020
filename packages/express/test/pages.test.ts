import { createHash } from 'node:crypto'
import { oauthRouter } from '@oauth-ratchet/express'
import type { OAuthRouterOptions, PageError, PagesOptions } from '@oauth-ratchet/express'
import request from 'supertest'
import {
  asText,
  authorize,
  consentForm,
  decide,
  makeApp,
  makeServer,
  resultOf,
  startsAt,
  versions,
} from './harness.js'

const german: PagesOptions = {
  lang: 'de',
  texts: {
    consentTitle: '„{client}“ den Zugriff auf Ihr Konto erlauben?',
    signedInAs: 'Angemeldet als {name}.',
    notYou: 'Nicht Sie?',
    allow: 'Erlauben',
    requestFailed: 'Hier geht es nicht weiter',
    startAgain: 'Von vorn beginnen',
    deny: undefined,
  },
  scopes: { read: 'Ihre <Notizen> lesen' },
}
const byLanguage: OAuthRouterOptions['pages'] = (req) =>
  req.acceptsLanguages('en', 'de') === 'de' ? german : {}
const alice = { subject: 'u-4711', name: 'Alice <alice@example.com>', authTime: startsAt / 1000 }

const fails = () => Promise.reject(new Error('secret detail'))
const throws = () => {
  throw new Error('secret detail')
}

describe.each(versions)('who is signed in on %s', (_name, express) => {
  test('is said on the consent page by the name that signIn gives, escaped and never by the subject', async () => {
    const { app } = makeApp(express, { signIn: () => alice })
    const { text } = await authorize(app)
    expect(text).toContain(
      'You are signed in as <strong><bdi>Alice &lt;alice@example.com&gt;</bdi></strong>.',
    )
    expect(text).not.toContain('u-4711')
  })

  test('is not said without a name; another account is offered all the same', async () => {
    const { text } = await authorize(makeApp(express).app)
    expect(text).not.toContain('signed in as')
    expect(text).toMatch(/<a href="\/oauth\/authorize\?[^"]+">Use another account<\/a>/)
  })

  test('can be changed: signIn is asked for a new sign-in, comes back to the request, and the other one grants', async () => {
    const { app, session, clock } = makeApp(express)
    const { response, sealed, cookie } = await consentForm(app)
    const link = /<a href="([^"]+)">Use another account</.exec(response.text)?.[1]?.replaceAll('&amp;', '&')
    clock.now += 30_000
    const toLogin = await request(app).get(asText(link))
    expect(toLogin.headers['location']).toMatch(/^\/login\?returnTo=%2Foauth%2Fauthorize%3F/)
    const asked = session.asked.at(-1)
    expect(asked).toMatchObject({ mustReauthenticate: true, client: { client_id: 'spa' }, prompt: [] })

    session.signIn = { subject: 'bob', authTime: clock.now / 1000 }
    const back = await request(app).get(asText(asked?.returnTo))
    const decided = await decide(app, asText(back.headers['set-cookie']).replace(/^\["|;.*$/g, ''), {
      ratchet_consent: /name="ratchet_consent" value="([^"]+)"/.exec(back.text)?.[1] ?? '',
      decision: 'approve',
    })
    expect(resultOf(decided)).toMatchObject({ code: expect.any(String), state: 'a b&=é"<>' })
    // The form that was shown to alice is not bob's.
    expect((await decide(app, cookie, { ratchet_consent: sealed, decision: 'approve' })).status).toBe(403)
  })

  test('is nothing that a page of the app lacks: its callback gets the same link', async () => {
    const { app } = makeApp(express, {
      consent: (_req, res, { switchAccount }) => void res.send(switchAccount),
    })
    expect((await authorize(app)).text).toMatch(/^\/oauth\/authorize\?.*&ratchet_reauthenticate=ask$/)
  })
})

describe.each(versions)('a sign-in that cannot be right on %s', (_name, express) => {
  test.each([
    ['milliseconds', { authTime: startsAt }, `authTime is ${startsAt}, which is milliseconds`],
    [
      'a date without a time zone',
      { authTime: '2030-01-01T00:00:00' },
      'authTime is the string "2030-01-01T00:00:00"',
    ],
    ['a lifetime that is none', { lifetimes: { idle: -1 } }, 'lifetimes.idle is -1'],
    ['claims of the protocol', { claims: { sub: 'x' } }, 'sub'],
    ['a subject that is a number', { subject: 4711 }, 'and not a number'],
  ])('%s is found before the page is shown, and the error names it', async (_case, member, message) => {
    const { app, server } = makeApp(express, { signIn: () => ({ subject: 'alice', ...member }) as never })
    const failures: string[] = []
    server.on('request.failed', ({ phase, error }) => failures.push(`${phase}: ${(error as Error).message}`))
    const response = await authorize(app)
    expect(response.status).toBeGreaterThanOrEqual(500)
    expect(response.text).not.toContain('ratchet_consent')
    expect(failures).toHaveLength(1)
    expect(failures[0]).toMatch(/^callback: The callback signIn gave what is no sign-in: /)
    expect(failures[0]).toContain(message)
  })

  test.each([
    ['a Date', new Date(startsAt)],
    ['what a session store makes of a Date', new Date(startsAt).toJSON()],
    ['seconds', startsAt / 1000],
  ])('%s is none: authTime is taken', async (_case, authTime) => {
    const { app } = makeApp(express, {
      signIn: () => ({ subject: 'alice', authTime }),
      consent: () => ({ scope: 'read' }),
    })
    expect(resultOf(await authorize(app, { max_age: '60' }))).toHaveProperty('code')
  })
})

describe.each(versions)('pages on %s', (_name, express) => {
  test("have the app's texts and language, and the built-in ones for the rest", async () => {
    const { app } = makeApp(express, { signIn: () => alice, pages: german })
    const { response } = await consentForm(app)
    expect(response.text).toContain('<html lang="de" dir="ltr">')
    expect(response.text).toContain('<h1>„Notebook“ den Zugriff auf Ihr Konto erlauben?</h1>')
    expect(response.text).toContain('<title>„Notebook“ den Zugriff auf Ihr Konto erlauben?</title>')
    expect(response.text).toContain('Angemeldet als <strong>')
    expect(response.text).toContain('Ihre &lt;Notizen&gt; lesen')
    expect(response.text).toContain('Change your notes')
    expect(response.text).toMatch(/value="approve">\s*Erlauben/)
    expect(response.text).toMatch(/value="deny">\s*Deny/)
    const error = await authorize(app, { client_id: 'nobody' })
    expect(error.text).toContain('<h1>Hier geht es nicht weiter</h1>')
    // The description is the protocol's, in English.
    expect(error.text).toContain('<p lang="en">There is no such client.</p>')
    const stale = await decide(app, '', { ratchet_consent: 'x' })
    expect(stale.text).toContain('<html lang="de"')
  })

  test('can be another for each request', async () => {
    const { app } = makeApp(express, { pages: byLanguage })
    const titleIn = async (language: string) => {
      const { text } = await authorize(app).set('Accept-Language', language)
      return /<html lang="(\w+)"/.exec(text)?.[1]
    }
    expect([await titleIn('de'), await titleIn('fr, en')]).toEqual(['de', 'en'])
  })

  test('show a logo that the policy lets through, and nothing else', async () => {
    const policyWith = async (logo: { src: string; alt: string }) => {
      const { response } = await consentForm(makeApp(express, { pages: { logo } }).app)
      const shown = `<img class="logo" src="${logo.src}" alt="${logo.alt.replaceAll('"', '&quot;')}" />`
      expect(response.text).toContain(shown)
      return response.headers['content-security-policy']
    }
    const inline = await policyWith({ src: 'data:image/png;base64,AAAA', alt: 'The "logo"' })
    expect(inline).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; img-src data:; frame-ancestors/)
    expect(await policyWith({ src: '/logo.svg', alt: '' })).toContain("; img-src 'self'; ")
    const { response } = await consentForm(makeApp(express).app)
    expect(response.headers['content-security-policy']).not.toContain('img-src')
  })

  test("have the app's style after the built-in one, and the policy lets exactly this through", async () => {
    const style = ':root { --accent: #a00; } /* " & */'
    const { response } = await consentForm(makeApp(express, { pages: { style } }).app)
    const written = /<style>([^]*)<\/style>/.exec(response.text)?.[1] ?? ''
    expect(written.endsWith(style)).toBe(true)
    const hash = createHash('sha256').update(written).digest('base64')
    expect(response.headers['content-security-policy']).toContain(`style-src 'sha256-${hash}';`)
  })
})

describe.each(versions)("an error page of the app's own on %s", (_name, express) => {
  const shown = (pages: PagesOptions, options: OAuthRouterOptions = {}) =>
    makeApp(express, { pages, ...options })

  test('is called with what there is to say, with status and headers set', async () => {
    const errors: PageError[] = []
    const { app } = shown({ errorPage: (_req, res, error) => void (errors.push(error), res.send('my page')) })
    const response = await authorize(app, { client_id: 'nobody' })
    expect([response.status, response.text]).toEqual([400, 'my page'])
    expect(response.headers).toMatchObject({
      'cache-control': 'no-store',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    })
    const { sealed } = await consentForm(app)
    const stale = await decide(app, '', { ratchet_consent: sealed, decision: 'approve' })
    expect([stale.status, stale.text]).toEqual([403, 'my page'])
    const method = await request(app).put('/oauth/authorize')
    expect([method.status, method.headers['allow']]).toEqual([405, 'GET, POST'])
    expect(errors).toEqual([
      { status: 400, code: 'invalid_client', message: 'There is no such client.', startAgain: undefined },
      {
        status: 403,
        code: 'access_denied',
        message: expect.stringContaining('was used already'),
        startAgain: expect.stringMatching(/^\/oauth\/authorize\?client_id=spa&/),
      },
      { status: 405, code: 'invalid_request', message: 'Use GET or POST.', startAgain: undefined },
    ])
  })

  test('that fails leaves the built-in one, and raises an event', async () => {
    const { app, server } = shown({ errorPage: fails })
    const failures: string[] = []
    server.on('request.failed', ({ error }) => failures.push((error as Error).message))
    const response = await authorize(app, { client_id: 'nobody' })
    expect([response.status, failures]).toEqual([400, ['The callback errorPage threw']])
    expect(response.text).toContain('There is no such client.')
    expect(response.text).not.toContain('secret detail')
  })

  test('that fails in the middle of its page is cut off', async () => {
    const { app, server } = shown({
      errorPage: (_req, res) => {
        res.write('half')
        throw new Error('x')
      },
    })
    server.on('request.failed', () => {})
    await expect(authorize(app, { client_id: 'nobody' })).rejects.toThrow(/aborted|hang up/)
  })

  test('says in maintenance that it is closed, and nothing of a failure', async () => {
    const { app, server } = makeApp(express)
    server.maintenance.on({ retryAfter: 600 })

    const response = await authorize(app)

    expect(response).toMatchObject({ status: 503, headers: { 'retry-after': '600' } })
    expect(response.text).toContain('<h1>Closed for maintenance</h1>')
    expect(response.text).not.toContain('went wrong')
  })

  test('a pages function that throws or gives nonsense is a fault of the app, shown on the built-in page', async () => {
    for (const pages of [throws, () => ({ texts: { allow: 5 } }) as never, () => undefined as never]) {
      const { app, server } = makeApp(express, { pages })
      const failures: string[] = []
      server.on('request.failed', ({ error }) => failures.push((error as Error).message))
      const response = await authorize(app)
      expect(response.status).toBeGreaterThanOrEqual(500)
      expect(response.text).toContain('<h1>Something went wrong here</h1>')
      expect(response.text).not.toContain('secret detail')
      expect(failures[0]).toMatch(/^The callback pages failed: /)
    }
  })
})

describe('pages that cannot work', () => {
  const { server } = makeServer()
  const make = (pages: unknown) => oauthRouter(server, { signIn: () => {}, pages } as OAuthRouterOptions)

  test.each([
    ['no object', 'de'],
    ['a name there is none of', { language: 'de' }],
    ['a language that is none', { lang: 'deutsch_' }],
    ['a direction that is none', { dir: 'up' }],
    ['a text there is none of', { texts: { ok: 'OK' } }],
    ['a text that is none', { texts: { allow: 5 } }],
    ['an empty text', { texts: { allow: '' } }],
    ['a title that does not say who asks', { texts: { consentTitle: 'Allow?' } }],
    ['a text with a name that is not filled in', { texts: { allow: 'Allow {client}' } }],
    ['words that are none', { scopes: { read: 5 } }],
    ['a logo elsewhere', { logo: { src: 'https://cdn.example/logo.png', alt: '' } }],
    ['a logo elsewhere, without a scheme', { logo: { src: '//cdn.example/logo.png', alt: '' } }],
    ['a logo without words', { logo: { src: '/logo.png' } }],
    ['a data URL that is no image', { logo: { src: 'data:text/html,x', alt: '' } }],
    ['a style that ends its element', { style: 'a{}</StYle ><script>' }],
    ['an error page that is no function', { errorPage: 'error.html' }],
  ])('%s', (_case, pages) => {
    expect(() => make(pages)).toThrow(expect.objectContaining({ code: 'express.pages' }))
  })

  test('pages without signIn', () => {
    expect(() => oauthRouter(server, { pages: {} })).toThrow(
      expect.objectContaining({ code: 'express.pages' }),
    )
  })
})
