/** Where places stand, in the units of the picture. */
export interface Layout {
  readonly width: number
  readonly height: number
  readonly centers: readonly { readonly x: number; readonly y: number }[]
  /** A line from each place but the last to the next one, as an SVG path. */
  readonly lines: readonly string[]
}

export const radius = 26
const column = 104
const top = 46
const firstLineOfText = 20
const lineOfText = 16

/**
 * Like text: as many places in a row as fit, and from the end of a row a line back to the beginning of the next.
 *
 * @param linesOfText that the place with most of them has below its shape
 */
export function layOut(count: number, linesOfText: number, availableWidth: number): Layout {
  const row = top + textBelow(linesOfText) + 22
  const columns = Math.max(2, Math.min(count, Math.floor(availableWidth / column)))
  const rows = Math.max(1, Math.ceil(count / columns))
  const centers = Array.from({ length: count }, (_, index) => ({
    x: (index % columns) * column + column / 2,
    y: Math.floor(index / columns) * row + top,
  }))
  const lines = centers.slice(1).map((to, index) => {
    const from = centers[index] ?? to
    const end = radius + 7
    if (from.y === to.y) return `M${from.x + radius} ${from.y}H${to.x - end}`
    // Under the labels of one row, and above the circles of the next.
    const between = to.y - radius - 14
    return `M${from.x + radius} ${from.y}h17q6 0 6 6V${between - 6}q0 6 -6 6H${to.x + 6}q-6 0 -6 6V${to.y - end}`
  })
  return { width: columns * column, height: rows * row - 16, centers, lines }
}

/** How far below the middle of a place this line of its text is. The first is 0. */
export function textBelow(line: number): number {
  return radius + firstLineOfText + line * lineOfText
}
