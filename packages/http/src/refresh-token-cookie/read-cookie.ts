import { OAuthError } from '@oauth-ratchet/core'

/**
 * The value of a cookie; undefined for none, or an empty one.
 *
 * @throws OAuthError `invalid_request` for several of the name: another host of the domain may have set one of them, and
 *   nothing says which
 */
export function readCookie(header: string | string[] | undefined, name: string): string | undefined {
  const values = [header ?? []]
    .flat()
    .flatMap((line) => line.split(';'))
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
  if (values.length > 1)
    throw new OAuthError('invalid_request', 'The request has two cookies of the same name.')
  return values[0] === '' ? undefined : values[0]
}
