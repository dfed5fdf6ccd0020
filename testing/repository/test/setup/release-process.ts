import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'

const client = { id: 'app', redirectUri: 'https://app.example.com/cb' }
const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'

export interface Tokens {
  readonly access_token: string
  readonly refresh_token: string
}

export interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

/** Every process that was started, so that none outlives a test that failed. */
const running = new Set<ChildProcess>()
afterAll(() => {
  for (const child of running) child.kill('SIGKILL')
})

/** A process of fixtures/release-process.mjs, and what a client asks it. */
export class ReleaseProcess {
  readonly #child: ChildProcess
  readonly #url: string
  readonly #secret: string

  private constructor(child: ChildProcess, url: string, secret: string) {
    this.#child = child
    this.#url = url
    this.#secret = secret
  }

  /** @param file where the program is, which decides whose packages it finds */
  static async start(file: string, env: Readonly<Record<string, string>>): Promise<ReleaseProcess> {
    const child = spawn(process.execPath, [file], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    running.add(child)
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
    const url = await new Promise<string>((done, failed) => {
      child.stdout.setEncoding('utf8').once('data', (line: string) => done(line.trim()))
      child.once('exit', (code) => failed(new Error(`${file} exited with ${code}: ${said}`)))
    })
    return new ReleaseProcess(child, url, env['SECRET'] ?? '')
  }

  async stop(): Promise<number | null> {
    const exited = new Promise<number | null>((done) => this.#child.once('exit', done))
    this.#child.kill('SIGTERM')
    const code = await exited
    running.delete(this.#child)
    return code
  }

  /** A code for a user who has signed in and consented here. */
  async authorize(store: string, user: string): Promise<string> {
    const query = new URLSearchParams({
      client_id: client.id,
      redirect_uri: client.redirectUri,
      response_type: 'code',
      code_challenge: challenge,
      code_challenge_method: 'S256',
    })
    const { headers } = await fetch(`${this.#url}/${store}/authorize?${query}`, {
      headers: { 'x-user': user },
      redirect: 'manual',
    })
    return new URL(headers.get('location') ?? '').searchParams.get('code') ?? ''
  }

  redeem(store: string, code: string): Promise<Answer> {
    const { redirectUri } = client
    return this.#post(store, 'token', {
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      redirect_uri: redirectUri,
    })
  }

  refresh(store: string, { refresh_token }: Tokens, key?: string): Promise<Answer> {
    return this.#post(store, 'token', { grant_type: 'refresh_token', refresh_token }, key)
  }

  revoke(store: string, token: string): Promise<Answer> {
    return this.#post(store, 'revoke', { token })
  }

  async isActive(store: string, token: string): Promise<unknown> {
    return (await this.#post(store, 'introspect', { token })).body['active']
  }

  /** The status of an API call. */
  async call(store: string, { access_token }: Tokens): Promise<number> {
    const headers = { authorization: `Bearer ${access_token}` }
    return (await fetch(`${this.#url}/${store}/me`, { headers })).status
  }

  async sessions(store: string, user: string): Promise<unknown> {
    const response = await fetch(`${this.#url}/${store}/sessions`, { headers: { 'x-user': user } })
    return response.json()
  }

  async #post(
    store: string,
    endpoint: string,
    form: Readonly<Record<string, string>>,
    key?: string,
  ): Promise<Answer> {
    const response = await fetch(`${this.#url}/${store}/${endpoint}`, {
      method: 'POST',
      body: new URLSearchParams(form),
      headers: {
        authorization: `Basic ${btoa(`${client.id}:${this.#secret}`)}`,
        ...(key !== undefined && { 'idempotency-key': key }),
      },
    })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
}
