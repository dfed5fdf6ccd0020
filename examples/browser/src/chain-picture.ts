import { describeChain, foldChain, nameOf, notesOf } from './chain.js'
import type { Chain, Link, Place } from './chain.js'
import { layOut, radius, textBelow } from './chain-layout.js'

const namespace = 'http://www.w3.org/2000/svg'

/** Draws the chain into an `svg`, whose text alternative says the same. Shapes and words differ, not only colours. */
export function drawChain(svg: SVGSVGElement, chain: Chain, availableWidth: number): void {
  const places = foldChain(chain.links)
  const linesOfText = Math.max(...places.map((place) => textOf(place).length))
  const { width, height, centers, lines } = layOut(places.length, linesOfText, availableWidth)
  const before = Number(svg.dataset['newest'] ?? -1)
  const newest = chain.links.length - 1
  svg.dataset['newest'] = String(newest)
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`)
  svg.setAttribute('width', String(width))
  svg.setAttribute('height', String(height))
  svg.setAttribute('aria-label', `The chain of tokens. ${describeChain(chain)}`)
  svg.replaceChildren(
    element('defs', {}, [
      element(
        'marker',
        {
          id: `${svg.id}-arrow`,
          viewBox: '0 0 8 8',
          refX: 6,
          refY: 4,
          markerWidth: 7,
          markerHeight: 7,
          orient: 'auto',
        },
        [element('path', { d: 'M1 1l5 3l-5 3', class: 'arrow-head' })],
      ),
    ]),
    ...lines.map((d) => element('path', { d, class: 'line', 'marker-end': `url(#${svg.id}-arrow)` })),
    ...places.map((place, index) => {
      const { x, y } = centers[index] ?? { x: 0, y: 0 }
      const isNew = !('from' in place) && place.generation > before && before >= 0
      return element('g', { transform: `translate(${x} ${y})` }, [
        element('g', { class: isNew ? 'place new' : 'place' }, drawPlace(place)),
      ])
    }),
  )
}

/** The lines below a place: its name, its state, and what else there is to say. */
function textOf(place: Place): readonly string[] {
  if ('from' in place) return [`${place.from} to ${place.to}`, 'spent']
  return [nameOf(place.generation).toLowerCase(), ...notesOf(place)]
}

function drawPlace(place: Place): SVGElement[] {
  const state = 'from' in place ? 'spent' : place.reused ? 'wrong' : place.state
  const classes = ['name', `note ${state}`]
  const words = textOf(place).map((line, index) =>
    label(line, textBelow(index), classes[index] ?? 'note mark'),
  )
  if ('from' in place) {
    const count = place.to - place.from + 1
    const pile = [6, 3, 0].map((offset) => circle({ cx: offset - 3, r: radius - 3, class: 'spent' }))
    return [...pile, label(`+${count}`, 6, 'number', -3), ...words]
  }
  const number = place.generation === 0 ? 'code' : String(place.generation)
  return [...shapeOf(place), label(number, 6, 'number'), ...badgeOf(place), ...words]
}

function shapeOf(link: Link): SVGElement[] {
  if (link.reused) {
    const points = Array.from({ length: 8 }, (_, corner) => {
      const angle = ((corner + 0.5) * Math.PI) / 4
      return `${(Math.cos(angle) * 29).toFixed(1)},${(Math.sin(angle) * 29).toFixed(1)}`
    })
    return [element('polygon', { points: points.join(' '), class: 'reused' })]
  }
  const ring = link.state === 'current' ? [circle({ r: radius + 5, class: 'ring' })] : []
  const again = link.repeats > 0 ? [circle({ r: radius - 5, class: `inner ${link.state}` })] : []
  const shape =
    link.generation === 0
      ? element('rect', { x: -29, y: -20, width: 58, height: 40, rx: 8, class: link.state })
      : circle({ r: radius, class: link.state })
  return [...ring, shape, ...again]
}

/** A small sign at the upper right, for those who cannot tell the colours apart. */
function badgeOf(link: Link): SVGElement[] {
  const sign = link.reused
    ? 'M-4 -4L4 4M4 -4L-4 4'
    : link.state === 'spent'
      ? 'M-4 0.5L-1 3.5L4 -3'
      : link.state === 'ended'
        ? 'M-4 0H4'
        : undefined
  if (sign === undefined) return []
  return [
    element('g', { transform: 'translate(22 -20)', class: `badge ${link.reused ? 'wrong' : link.state}` }, [
      circle({ r: 9 }),
      element('path', { d: sign }),
    ]),
  ]
}

function circle(attributes: Readonly<Record<string, string | number>>): SVGElement {
  return element('circle', attributes)
}

function label(words: string, y: number, className: string, x = 0): SVGElement {
  return element('text', { x, y, class: className }, [document.createTextNode(words)])
}

function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  children: readonly Node[] = [],
): SVGElement {
  const made = document.createElementNS(namespace, name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value))
  made.append(...children)
  return made
}
