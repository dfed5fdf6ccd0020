import { operations } from './operations.mjs'
import { refuse } from './refuse.mjs'
import { forgiving, groups } from './subjects.mjs'

/**
 * The subjects of a run.
 *
 * @param words only subjects whose names contain one of them, beside the first of each group that has such; none: all
 */
export function chooseSubjects(words, { peers, mongodb }) {
  const wanted = ({ name }) => words.length === 0 || words.some((word) => name.includes(word))
  const chosen = Object.entries(groups)
    .filter(([group]) => mongodb || group !== 'mongodb')
    .map(([group, [yardstick, ...others]]) => [
      group,
      [yardstick, ...others.filter((each) => (peers || each.kind !== 'peer') && wanted(each))],
    ])
    .filter(([, subjects]) => subjects.length > 1)
  const chosenOperations = operations
    .map(([yardstick, ...others]) => [yardstick, ...others.filter(wanted)])
    .filter((subjects) => subjects.length > 1)
  if (chosen.length + chosenOperations.length === 0)
    refuse(`No subject has a name with ${words.join(' or ')} in it. Names are those of the tables.`)
  const onRedis = (Object.fromEntries(chosen).redis ?? []).filter(({ repeats }) => !repeats)
  return {
    groups: Object.fromEntries(chosen),
    operations: chosenOperations,
    /** What differs in what it stores. */
    onRedis,
    /** One of each kind of server. */
    growing: onRedis.filter(({ grows }) => grows),
    forgiving: onRedis.some(({ kind }) => kind === 'ours') ? forgiving : [],
  }
}
