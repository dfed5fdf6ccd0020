import type { PageLook } from './look.js'
import { fillText } from './texts.js'

const units = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const

/**
 * For how long access is asked for, as a sentence (RFC 6749 §10.2).
 *
 * @param lifetimes in seconds; null: no such limit
 * @returns undefined where there is no limit
 */
export function lifetimeInWords(
  { texts, lang }: Pick<PageLook, 'texts' | 'lang'>,
  lifetimes: { readonly idle: number | null; readonly absolute: number | null },
): string | undefined {
  const { idle, absolute } = lifetimes
  if (absolute === null)
    return idle === null ? undefined : fillText(texts.accessIdle, { idle: duration(lang, idle) })
  const lifetime = duration(lang, absolute)
  if (idle === null || idle >= absolute) return fillText(texts.accessLifetime, { lifetime })
  return fillText(texts.accessLifetimeAndIdle, { lifetime, idle: duration(lang, idle) })
}

/** In the largest unit of which there are two, or exactly one. */
function duration(lang: string, seconds: number): string {
  const [unit, size] = units.find(([, each]) => seconds >= 2 * each || seconds === each) ?? ['second', 1]
  const format = new Intl.NumberFormat([lang, 'en'], { style: 'unit', unit, unitDisplay: 'long' })
  return format.format(Math.ceil(seconds / size))
}
