/** Warns of a likely mistake in the app's set-up. */
export type Warn = (code: string, message: string) => void

/**
 * Makes a function that emits each warning once, through `process.emitWarning`, so that it can be traced
 * (`--trace-warnings`), silenced by its code (`--disable-warning=…`) or listened to.
 */
export function warnOnce(): Warn {
  const given = new Set<string>()
  return (code, message) => {
    if (given.has(code)) return
    given.add(code)
    process.emitWarning(message, { type: 'OAuthRatchetWarning', code })
  }
}
