import { UsageError } from '../command-line/failure.js'

/** The deployments of a rotation, one after the other. */
export type Step = 'add' | 'use' | 'drop'

/** @throws UsageError for anything else */
export function stepOf(text: string | undefined): Step {
  if (text === undefined) return 'add'
  if (text === 'add' || text === 'use' || text === 'drop') return text
  throw new UsageError('--step is add, use or drop.')
}

/**
 * The list after a step. `add`: the new one last, so that every process knows it. `use`: it is first. `drop`: it alone.
 *
 * @throws UsageError when the list is not at that step
 */
export function nextList<Entry>(list: readonly Entry[], step: Step, make: () => Entry): readonly Entry[] {
  if (step === 'add') return [...list, make()]
  if (list.length < 2) throw new UsageError(`--step ${step} needs a list of two: begin with --step add.`)
  return step === 'use' ? [...list.slice(-1), ...list.slice(0, -1)] : list.slice(0, 1)
}
