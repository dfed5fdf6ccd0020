// The shares of processor time as bars, in a picture that follows the reader's light or dark mode.

const WIDTH = 760
const LABELS = 284
const VALUES = 44
const ROW = 42
const BAR = 13
const TOP = 62

/** @param rows name, kind (`ours`, `bare` or `peer`) and a share for each of the two numbers of connections */
export function picture(rows, connections) {
  const most = Math.max(1, ...rows.flatMap(({ shares }) => shares))
  const scale = (WIDTH - LABELS - VALUES) / most
  const height = TOP + rows.length * ROW + 14
  const one = LABELS + scale
  const bars = rows.map((row, index) => barsOf(row, TOP + index * ROW, scale)).join('\n')
  const title = `Refreshes per second of processor time, as share of bare Express`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title">
<title id="title">${title}</title>
<style>
  text { font: 13px system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 15px } .note, .value { fill: #59636e } .value { font-size: 12px }
  .ours { fill: #0969da } .peer { fill: #bc4c00 } .bare { fill: #818b98 } .second { opacity: .55 }
  .one { stroke: #818b98; stroke-dasharray: 3 3 }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc } .note, .value { fill: #9198a1 }
    .ours { fill: #4493f8 } .peer { fill: #f0883e } .bare { fill: #656c76 } .one { stroke: #656c76 }
  }
</style>
<text class="title" x="0" y="18">${title}</text>
<text class="note" x="0" y="38">More is better. Upper bar: ${connections[0]} connections, lower bar: ${connections[1]}. All on Redis, measured in one run.</text>
<line class="one" x1="${one}" x2="${one}" y1="${TOP - 8}" y2="${height - 8}"/>
${bars}
</svg>
`
}

function barsOf({ name, kind, shares }, top, scale) {
  const bars = shares.map((share, index) => {
    const y = top + index * (BAR + 3)
    const width = (share * scale).toFixed(1)
    const end = (LABELS + share * scale + 6).toFixed(1)
    return `<rect class="${kind}${index === 1 ? ' second' : ''}" x="${LABELS}" y="${y}" width="${width}" height="${BAR}" rx="2"/><text class="value" x="${end}" y="${y + 11}">${share.toFixed(2)}</text>`
  })
  return `<text x="${LABELS - 10}" y="${top + 19}" text-anchor="end">${name.replaceAll('`', '')}</text>${bars.join('')}`
}
