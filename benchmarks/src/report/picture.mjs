// The shares of processor time as bars, in a picture that follows the reader's light or dark mode. It is narrow, with each name
// above its bars, so that it can be read on a phone.

const WIDTH = 480
const VALUES = 40
const LABEL = 18
const BAR = 11
const BETWEEN = 2
const ROW = LABEL + 2 * (BAR + BETWEEN) + 8
const TOP = 84

/**
 * @param rows name, kind (`ours`, `bare` or `peer`) and a share for each of the two numbers of connections
 * @param made when, and on what
 */
export function picture(rows, connections, made) {
  const most = Math.max(1, ...rows.flatMap(({ shares }) => shares))
  const scale = (WIDTH - VALUES) / most
  const height = TOP + rows.length * ROW
  const bars = rows.map((row, index) => barsOf(row, TOP + index * ROW, scale)).join('\n')
  const title = `Refreshes per second of processor time`
  const notes = [
    `As share of bare Express (one EVALSHA, nothing checked). More is better.`,
    `Upper bars: ${connections[0]} connections, lower bars: ${connections[1]}. All on Redis, in one run.`,
    made,
  ]
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title">
<title id="title">${title}, as share of bare Express</title>
<style>
  text { font: 13px system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 15px } .note, .value { fill: #59636e; font-size: 12px }
  .ours { fill: #0969da } .peer { fill: #bc4c00 } .bare { fill: #818b98 } .second { opacity: .55 }
  .one { stroke: #818b98; stroke-dasharray: 3 3 }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc } .note, .value { fill: #9198a1 }
    .ours { fill: #4493f8 } .peer { fill: #f0883e } .bare { fill: #656c76 } .one { stroke: #656c76 }
  }
</style>
<text class="title" x="0" y="16">${title}</text>
${notes.map((note, index) => `<text class="note" x="0" y="${35 + index * 16}">${note}</text>`).join('\n')}
${bars}
</svg>
`
}

function barsOf({ name, kind, shares }, top, scale) {
  const bars = shares.map((share, index) => {
    const y = top + LABEL + index * (BAR + BETWEEN)
    const width = (share * scale).toFixed(1)
    const end = (share * scale + 6).toFixed(1)
    return `<rect class="${kind}${index === 1 ? ' second' : ''}" x="0" y="${y}" width="${width}" height="${BAR}" rx="2"/><text class="value" x="${end}" y="${y + 10}">${share.toFixed(2)}</text>`
  })
  const one = `x1="${scale.toFixed(1)}" x2="${scale.toFixed(1)}" y1="${top + LABEL - 1}" y2="${top + ROW - 6}"`
  return `<text x="0" y="${top + 13}">${name.replaceAll('`', '')}</text>${bars.join('')}<line class="one" ${one}/>`
}
