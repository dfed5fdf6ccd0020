import type { Storage } from '@oauth-ratchet/core'

/** One of those who race: a connection of this process, or another process. */
export type Contender = Pick<Storage, 'grants' | 'values' | 'clients'>

export interface Race {
  readonly now: number
  /** A view of the data that takes no part. */
  readonly referee: Contender
  /** How often the race is run: a fault of timing shows in some rounds only. */
  readonly rounds: number
  /** The same for the race that takes thousands. */
  readonly manyRounds: number
  /** Runs `count` calls at once, dealt out to the contenders, and answers in the order of the calls. */
  readonly atOnce: <Answer>(
    count: number,
    run: (contender: Contender, index: number) => Promise<Answer>,
  ) => Promise<Answer[]>
}

export type RaceBodies = Readonly<Record<string, (race: Race) => Promise<void>>>
