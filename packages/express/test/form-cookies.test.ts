import request from 'supertest'
import type { Express } from 'express'
import { authorizationQuery, authorize, decide, makeApp, resultOf, sealedIn, versions } from './harness.js'

/** A browser's cookies: what was set last under a name counts, and what is over is gone. */
class Jar {
  readonly #cookies = new Map<string, { value: string; expiresAt: number }>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  take(response: { headers: Record<string, unknown> }): void {
    for (const header of [response.headers['set-cookie'] ?? []].flat() as string[]) {
      const [, name = '', value = '', maxAge] = /^([^=]+)=([^;]*)(?:.*?Max-Age=(\d+))?/.exec(header) ?? []
      const lifetime = maxAge === undefined ? Number.POSITIVE_INFINITY : Number(maxAge)
      this.#cookies.set(name, { value, expiresAt: this.#now() + lifetime * 1000 })
    }
  }

  get names(): string[] {
    return this.#live().map(([name]) => name)
  }

  get header(): string {
    return this.#live()
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ')
  }

  #live() {
    return [...this.#cookies].filter(([, { expiresAt }]) => expiresAt > this.#now())
  }
}

/** One browser at an app: what it is shown, in however many tabs. */
function browserAt(app: Express, clock: { now: number }) {
  const jar = new Jar(() => clock.now)
  return {
    jar,
    /** Loads the consent page, with the cookies that there were when the request went out. */
    open: async (cookie = jar.header) => {
      const response = await authorize(app).set('Cookie', cookie)
      jar.take(response)
      return { ratchet_consent: sealedIn(response.text), decision: 'approve' }
    },
    allow: async (form: Record<string, string>) => {
      const response = await decide(app, jar.header, form)
      jar.take(response)
      return response
    },
  }
}

const codeIn = (response: { headers: Record<string, unknown> }) => resultOf(response)['code']

describe.each(versions)('the cookie of a consent form on %s', (_name, express) => {
  test('is __Host-, Secure, HttpOnly, Lax, for the whole site and as long as the form, under https', async () => {
    const response = await authorize(makeApp(express).app)
    expect(response.headers['set-cookie']).toEqual([
      expect.stringMatching(
        /^__Host-oauth-ratchet-[\w-]{16}=[\da-z]+\.[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
      ),
    ])
  })

  test('has neither prefix nor Secure under http on loopback', async () => {
    const { app } = makeApp(express, { server: { issuer: 'http://127.0.0.1:3000' } })
    expect((await authorize(app)).headers['set-cookie']).toEqual([
      expect.stringMatching(/^oauth-ratchet-[\w-]{16}=[^;]+; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/),
    ])
  })

  test('of a second tab does not break the form of the first, on a first visit at the same time', async () => {
    const { app, clock } = makeApp(express)
    const browser = browserAt(app, clock)
    const first = await browser.open('')
    const second = await browser.open('')

    expect(codeIn(await browser.allow(first))).toBeDefined()
    expect(codeIn(await browser.allow(second))).toBeDefined()
  })

  test('goes for the oldest of more than ten forms, and for no other', async () => {
    const { app, clock } = makeApp(express)
    const browser = browserAt(app, clock)
    const forms: Record<string, string>[] = []
    for (let count = 0; count < 12; count++) {
      forms.push(await browser.open())
      clock.now += 1000
    }
    expect(browser.jar.names).toHaveLength(10)

    for (const [index, form] of forms.entries())
      expect((await browser.allow(form)).status).toBe(index < 2 ? 403 : 303)
  })

  test('lets a reload of the page, and the page from before the reload, both be answered', async () => {
    const { app, clock } = makeApp(express)
    const browser = browserAt(app, clock)
    const before = await browser.open()
    const reloaded = await browser.open()
    expect(codeIn(await browser.allow(reloaded))).toBeDefined()
    expect(codeIn(await browser.allow(before))).toBeDefined()
  })

  test('is let go of when its form is used, after a second click has had its time', async () => {
    const { app, clock } = makeApp(express)
    const browser = browserAt(app, clock)
    const form = await browser.open()
    const codes = [codeIn(await browser.allow(form)), codeIn(await browser.allow(form))]
    // The same code twice would look like a replay to the token endpoint, and end the grant.
    expect(new Set(codes).size).toBe(2)
    expect(codes).not.toContain(undefined)
    clock.now += 10_000
    expect(browser.jar.names).toEqual([])

    const again = await browser.allow(form)
    expect([again.status, again.headers['location']]).toEqual([403, undefined])
    expect(again.text).toContain('was used already')
  })

  test('stays where the answer was a 503, so that the form can be sent again', async () => {
    let down = true
    const { app, clock, server } = makeApp(express, {
      onDecision: () => {
        if (down) throw new Error('The app is down.')
      },
    })
    server.on('request.failed', () => {})
    const browser = browserAt(app, clock)
    const form = await browser.open()
    const failed = await browser.allow(form)
    expect(failed.status).toBeGreaterThanOrEqual(500)
    expect(failed.headers).not.toHaveProperty('set-cookie')
    down = false
    expect(codeIn(await browser.allow(form))).toBeDefined()
  })

  test('is not set where no form is shown', async () => {
    const { app } = makeApp(express, {
      consent: () => ({ scope: 'read' }),
      before: (own) =>
        own.use((_req, res, next) => {
          res.cookie('own', '1')
          next()
        }),
    })
    for (const prompt of [undefined, 'none'])
      expect((await authorize(app, { prompt })).headers['set-cookie']).toEqual([
        expect.stringMatching(/^own=1/),
      ])
    const denying = makeApp(express, { consent: () => 'deny' })
    expect((await authorize(denying.app)).headers).not.toHaveProperty('set-cookie')
    const silent = makeApp(express)
    expect((await authorize(silent.app, { prompt: 'none' })).headers).not.toHaveProperty('set-cookie')
  })

  test('is not readable from the form', async () => {
    const { app, clock } = makeApp(express)
    const browser = browserAt(app, clock)
    const { ratchet_consent: sealed } = await browser.open()
    const secret = browser.jar.header.split('.')[1] ?? ''
    expect(secret).toHaveLength(43)
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain(secret)
  })

  test('under the name of another form, or with another value, proves nothing', async () => {
    const { app, clock } = makeApp(express)
    const [browser, other] = [browserAt(app, clock), browserAt(app, clock)]
    const form = await browser.open()
    await other.open()
    const [name = ''] = browser.jar.header.split('=')
    const [otherName = '', otherValue = ''] = other.jar.header.split('=')
    for (const cookie of [`${name}=${otherValue}`, `${otherName}=${otherValue}`, `${name}=x`, ''])
      expect((await decide(app, cookie, form)).status).toBe(403)
  })
})

describe.each(versions)('a consent form that cannot be used (any more) on %s', (_name, express) => {
  test('is a 403 page that leads back to the same request, and nowhere else', async () => {
    const { app, clock, session } = makeApp(express)
    const browser = browserAt(app, clock)
    const form = await browser.open()
    const again = `<a href="/oauth/authorize?${authorizationQuery().replaceAll('&', '&amp;')}">Start again</a>`
    expect((await decide(app, '', form)).text).toContain(again)
    session.signIn = { subject: 'bob' }
    expect((await browser.allow(form)).text).toContain(again)
    session.signIn = { subject: 'alice' }
    clock.now += 600_000
    const expired = await decide(app, '', form)
    expect([expired.status, expired.headers['location']]).toEqual([403, undefined])
    expect(expired.text).toContain(again)
  })

  test('is a 403 page without a link where it was made by somebody else', async () => {
    const { app } = makeApp(express)
    const response = await request(app)
      .post('/oauth/authorize/decision')
      .type('form')
      .send({ ratchet_consent: 'x' })
    expect(response.status).toBe(403)
    expect(response.text).not.toContain('<a ')
  })
})
