/** `error`: a MUST is broken, or it does not work. `warning`: a SHOULD is. `note`: worth knowing. `ok`: looked at, and right. */
export type Severity = 'ok' | 'note' | 'warning' | 'error'

/** One thing that was looked at. The code is stable; messages may change. */
export interface Finding {
  readonly code: string
  readonly severity: Severity
  readonly message: string
  /** What to do; absent where there is nothing. */
  readonly remedy?: string
}

export function ok(code: string, message: string): Finding {
  return { code, severity: 'ok', message }
}

export function found(
  severity: Exclude<Severity, 'ok'>,
  code: string,
  message: string,
  remedy?: string,
): Finding {
  return { code, severity, message, ...(remedy !== undefined && { remedy }) }
}

/** Those that are wrong, or else one that says that all is right. */
export function orOk(findings: readonly Finding[], code: string, message: string): readonly Finding[] {
  return findings.length > 0 ? findings : [ok(code, message)]
}

const order: readonly Severity[] = ['error', 'warning', 'note', 'ok']

/** The worst first; among equals in the order of the checks. */
export function bySeverity(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((one, other) => order.indexOf(one.severity) - order.indexOf(other.severity))
}
