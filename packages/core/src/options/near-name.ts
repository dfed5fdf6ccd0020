/**
 * The known name that a wrong one was probably meant to be; undefined when it is like none. Alike are names that differ in
 * case, in `_`, `-` and `.`, in a plural `s` or in a typing mistake (two in names of eight letters and more), and one that
 * is the beginning of a single known name.
 *
 * @param aliases names that mean a known one without being like it, by the wrong name in lower case
 */
export function nearName(
  name: string,
  known: readonly string[],
  aliases: Readonly<Record<string, string>> = {},
): string | undefined {
  const wrong = lettersOf(name)
  const meant = Object.hasOwn(aliases, wrong) ? aliases[wrong] : undefined
  if (meant !== undefined && known.includes(meant)) return meant
  const same = known.find((each) => singular(lettersOf(each)) === singular(wrong))
  if (same !== undefined) return same
  if (wrong.length >= 4) {
    const most = wrong.length >= 8 ? 2 : 1
    const [nearest] = known
      .map((each) => ({ each, distance: distanceOf(lettersOf(each), wrong) }))
      .toSorted((a, b) => a.distance - b.distance)
    if (nearest !== undefined && nearest.distance <= most) return nearest.each
  }
  const begun = wrong.length < 6 ? [] : known.filter((each) => lettersOf(each).startsWith(wrong))
  return begun.length === 1 ? begun[0] : undefined
}

function lettersOf(name: string): string {
  return name.replaceAll(/[_.\s-]/g, '').toLowerCase()
}

function singular(letters: string): string {
  return letters.replace(/s$/, '')
}

/** Insertions, deletions, replacements, and swaps of neighbours that make one text of the other. */
function distanceOf(a: string, b: string): number {
  // Nothing longer is like any name here.
  if (Math.abs(a.length - b.length) > 2) return Number.POSITIVE_INFINITY
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row[j] = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      )
    }
    before = last
    last = row
  }
  return last[b.length] ?? Number.POSITIVE_INFINITY
}
