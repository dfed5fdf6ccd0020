import type { IssueOptions, TokenResponse } from '@oauth-ratchet/core'
import { clientA } from './test-server.js'
import type { Answer, TestServer } from './test-server.js'

/** A token response that has a refresh token. */
export type Tokens = Required<Omit<TokenResponse, 'token_type'>>

/** The tokens of a 200. */
export function tokensOf(answer: Answer): Tokens {
  expect(answer).toMatchObject({ status: 200, body: { access_token: expect.any(String) as string } })
  return answer.body as unknown as Tokens
}

/** First tokens of client A for u1, as after a login of the app's own. */
export async function issue(to: TestServer, options: Partial<IssueOptions> = {}): Promise<Tokens> {
  const response = await to.server.grants.issue({
    clientId: clientA.client_id,
    subject: 'u1',
    ...options,
  })
  return response as Tokens
}

/** Asserts that nothing of a grant is good any more: refresh gives `invalid_grant`, introspection bare inactivity. */
export async function expectDead(at: TestServer, tokens: Partial<Tokens>): Promise<void> {
  if (tokens.access_token !== undefined) {
    expect((await at.introspect(tokens.access_token)).body).toEqual({ active: false })
    await expect(at.server.tokens.verify(tokens.access_token)).rejects.toMatchObject({
      code: 'invalid_token',
      status: 401,
    })
  }
  if (tokens.refresh_token !== undefined) {
    expect((await at.introspect(tokens.refresh_token)).body).toEqual({ active: false })
    expect(await at.refresh(tokens.refresh_token)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    })
  }
}

/** Asserts that an access token is good, and that the refresh token is the current one, without using it. */
export async function expectAlive(at: TestServer, tokens: Partial<Tokens>): Promise<void> {
  for (const token of [tokens.access_token, tokens.refresh_token]) {
    if (token !== undefined) expect((await at.introspect(token)).body).toMatchObject({ active: true })
  }
}

/** The id of the grant that an access token of either format belongs to. */
export function idOfGrant({ access_token }: Pick<Tokens, 'access_token'>): string {
  if (!access_token.startsWith('ora_')) {
    const payload = Buffer.from(access_token.split('.')[1] ?? '', 'base64url').toString()
    return (JSON.parse(payload) as { jti: string }).jti.split('.')[1] ?? ''
  }
  const bytes = Buffer.from(access_token.slice(4), 'base64url')
  // Head of five bytes before, tag of 32 after.
  const [, grantId] = JSON.parse(bytes.toString('utf8', 5, bytes.length - 32)) as string[]
  return grantId ?? ''
}
