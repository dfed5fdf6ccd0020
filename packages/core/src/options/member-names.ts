import { nearName } from './near-name.js'

/** Names that mean a known one without being like it, by the wrong name without case and separators. */
export type Aliases = Readonly<Record<string, string>>

/** Whether it can be an object of options at all. */
export function isOptions(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The sentence for a name that is not known, with the near one, or all that there are. */
export function unknownName(
  where: string,
  kind: string,
  name: string,
  known: readonly string[],
  aliases?: Aliases,
): string {
  const near = nearName(name, known, aliases)
  const hint = near === undefined ? `It has ${known.join(', ')}.` : `Did you mean ${JSON.stringify(near)}?`
  return `${where} has no ${kind} ${JSON.stringify(name.slice(0, 100))}. ${hint}`
}

/**
 * What is wrong with an object of options, in a sentence; undefined when nothing is. Every name that is not known is
 * wrong: a misspelt filter filters nothing, and a misspelt limit limits nothing.
 */
export function wrongOptions(
  where: string,
  options: unknown,
  known: readonly string[],
  aliases?: Aliases,
): string | undefined {
  if (!isOptions(options)) return `${where} wants an object of options.`
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  return unknown === undefined ? undefined : unknownName(where, 'option', unknown, known, aliases)
}

/**
 * The same for an object that may have members of others beside the known ones: wrong is a name that is near a known one
 * which is not there itself.
 */
export function misspeltMember(
  where: string,
  value: Readonly<Record<string, unknown>>,
  known: readonly string[],
  aliases?: Aliases,
): string | undefined {
  for (const name of Object.keys(value)) {
    if (known.includes(name) || value[name] === undefined) continue
    const near = nearName(name, known, aliases)
    if (near !== undefined && value[near] === undefined)
      return unknownName(where, 'member', name, known, aliases)
  }
  return undefined
}

/**
 * Refuses the options of a call that the app makes.
 *
 * @throws TypeError for what is no object, and for a name that is not known
 */
export function checkCall(
  call: string,
  options: unknown,
  known: Readonly<Record<string, true>>,
  aliases?: Aliases,
): void {
  const problem = wrongOptions(call, options, Object.keys(known), aliases)
  if (problem !== undefined) throw new TypeError(problem)
}
