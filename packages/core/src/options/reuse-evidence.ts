/** What probably brought a spent token back. A guess for the operator: nothing is decided by it. */
export type ReuseCause = 'lost_answer' | 'second_tab' | 'copied_store' | 'theft' | 'unknown'

/** What is known about a spent token that came back. */
export interface ReuseEvidence {
  /** Generations between the token and the current one: 1 for the one before. */
  readonly distance: number
  /** Milliseconds since the latest turn, which is the one that spent the token where `distance` is 1. */
  readonly ageMs: number
  /** The token is genuine, but this store never gave it out: the store was restored or copied, or lost writes. */
  readonly neverIssued: boolean
  /** Whether it came from another address than the latest turn. Undefined where none is kept. */
  readonly addressChanged?: boolean
  /** The same of the user agent. */
  readonly agentChanged?: boolean
}
