import type { NaiveStorage } from './naive-storage.js'

/** One way in which a storage can be wrong. */
export interface Sabotage {
  /** What the storage does. */
  readonly name: string
  /** The case that is there to find it. Others may find it too. */
  readonly foundBy: string
  readonly breaks: (storage: NaiveStorage) => void
  /** How another connection sees the data, where that is what is wrong. */
  readonly connects?: (storage: NaiveStorage) => NaiveStorage
}
