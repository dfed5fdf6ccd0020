/**
 * Parameters that are tokens of this server: in one of them a control character makes it a token that is not valid, as
 * any other damage does, and not a malformed request.
 */
const tokenParameters: ReadonlySet<string> = new Set(['refresh_token', 'code', 'token'])

/** Whether a text has a control character: of ASCII, or U+0080 to U+009F. No identifier, secret or password needs one. */
export function hasControlCharacter(text: string): boolean {
  return /\p{Cc}/u.test(text)
}

/**
 * Whether a parameter's value must be refused for a control character. HMAC pads short keys with zeros, so that an app's
 * PBKDF2 or scrypt takes `password` and `password\0` for the same; bcrypt ends a password at a zero.
 */
export function isRefusedValue(name: string, value: string): boolean {
  return !tokenParameters.has(name) && hasControlCharacter(value)
}
