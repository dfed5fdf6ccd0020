export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Readonly<Record<string, unknown>>
}

export interface Credentials {
  readonly id: string
  readonly secret?: string
}

/** A POST of a form to an endpoint of the server. */
export async function postForm(
  url: string,
  fields: Readonly<Record<string, string>>,
  { client, headers = {} }: { client?: Credentials; headers?: Readonly<Record<string, string>> } = {},
): Promise<Answer> {
  const body = new URLSearchParams(fields)
  const basic = client?.secret === undefined ? undefined : btoa(`${client.id}:${client.secret}`)
  if (client !== undefined && basic === undefined) body.set('client_id', client.id)
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers: { ...headers, ...(basic !== undefined && { authorization: `Basic ${basic}` }) },
  })
  return answerOf(response)
}

export async function answerOf(response: Response): Promise<Answer> {
  const { status, headers } = response
  return { status, headers, body: (await response.json()) as Record<string, unknown> }
}

/** Tokens by the password grant of the client `trusted`. */
export async function passwordGrant(
  url: string,
  secret: string,
  username = 'alice',
  password = 'wonderland',
) {
  const fields = { grant_type: 'password', username, password }
  const answer = await postForm(`${url}/oauth/token`, fields, { client: { id: 'trusted', secret } })
  return { ...answer, tokens: tokensOf(answer) }
}

export function tokensOf({ body }: Answer): { access: string; refresh: string } {
  return { access: String(body['access_token']), refresh: String(body['refresh_token']) }
}

/** A refresh by the client `trusted`. */
export function refresh(
  url: string,
  secret: string,
  token: string,
  headers: Readonly<Record<string, string>> = {},
) {
  const fields = { grant_type: 'refresh_token', refresh_token: token }
  return postForm(`${url}/oauth/token`, fields, { client: { id: 'trusted', secret }, headers })
}

export interface ApiCall {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export async function callApi(
  url: string,
  path: string,
  token?: string,
  call: ApiCall = {},
): Promise<Answer> {
  const headers = { ...call.headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) }
  return answerOf(await fetch(`${url}/api${path}`, { ...call, headers }))
}

/** Redeems the code of a redirect, as the client `spa`. */
export function redeem(url: string, redirect: URL, verifier: string): Promise<Answer> {
  const fields = {
    grant_type: 'authorization_code',
    code: redirect.searchParams.get('code') ?? '',
    redirect_uri: 'http://127.0.0.1:4567/callback',
    code_verifier: verifier,
  }
  return postForm(`${url}/oauth/token`, fields, { client: { id: 'spa' } })
}
