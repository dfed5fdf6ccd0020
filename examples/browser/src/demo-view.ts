import { byId } from './by-id.js'
import { chainOf } from './chain.js'
import type { Chain } from './chain.js'
import { drawChain } from './chain-picture.js'
import type { DemoEvent, Happening } from './demo-event.js'
import { describeEvent } from './describe-event.js'
import { verdictOn } from './verdict.js'

/** What the page shows, all of it. */
export interface ViewState {
  readonly events: readonly DemoEvent[]
  readonly signedIn: boolean
  readonly tab: number
  readonly tabs: readonly number[]
  readonly offline: boolean
  readonly reallyOffline: boolean
  /** Generation that the thief of this tab has a copy of. */
  readonly loot: number | undefined
}

/** On a phone the list is far below the buttons: what has just happened is also shown over the page for a while. */
const latestShownMs = 5000

const goodExample: Chain = chainOf([example({ kind: 'found', generation: 3 })])
const reusedExample: Chain = chainOf([
  example({ kind: 'found', generation: 3 }),
  example({ kind: 'stolen', generation: 2 }),
  example({ kind: 'refused', from: 2, by: 'thief' }),
])

const frame = byId('chain-frame', HTMLDivElement)
const examples = byId('examples', HTMLDivElement)
const list = byId('log', HTMLOListElement)
let lastShown = ''

/** Brings the page to this state. */
export function show(state: ViewState): void {
  const { events, signedIn, tabs, offline, reallyOffline, loot } = state
  const isExample = events.length === 0
  const chain = chainOf(events)
  frame.hidden = isExample
  examples.hidden = !isExample
  // The clock calls this every second: what has not changed is not drawn again.
  const now = JSON.stringify([events.at(-1)?.id, events.length, widthOf(isExample)])
  if (now !== lastShown) {
    lastShown = now
    draw(chain, isExample)
    showVerdict(chain, events)
    showEvents(chain, events)
  }
  const latest = events.findLast(({ at }) => at > Date.now() - latestShownMs)
  setText('latest', latest === undefined ? '' : describeEvent(latest, chain))
  byId('sign-in-part', HTMLDivElement).hidden = signedIn
  byId('sign-in', HTMLButtonElement).textContent = isExample ? 'Sign in to begin' : 'Sign in again'
  const signOut = byId('sign-out', HTMLButtonElement)
  const controls = byId('controls', HTMLDivElement)
  const focused = document.activeElement
  signOut.hidden = controls.hidden = !signedIn
  // The button that was pressed is gone: who uses a keyboard goes on from the one that is there instead.
  if (!signedIn && (focused === signOut || controls.contains(focused)))
    byId('sign-in', HTMLButtonElement).focus()
  setText('status', signedIn ? statusOf(state) : '')

  byId('refresh-all', HTMLButtonElement).disabled = tabs.length < 2
  setText('tabs-hint', tabsHint(state.tab, tabs))
  setText('offline', offline ? 'Come back online' : 'Go offline')
  setText(
    'network-hint',
    reallyOffline
      ? 'Your browser says that it is offline.'
      : offline
        ? 'This tab is offline. Refresh now, and see that the session is kept; then come back.'
        : 'Going offline is pretended, in this tab only.',
  )
  byId('owner-refresh', HTMLButtonElement).disabled = loot === undefined
  byId('replay', HTMLButtonElement).disabled = loot === undefined
  setText('thief-hint', thiefHint(loot, chain.links.length - 1))
}

function draw(chain: Chain, isExample: boolean): void {
  const width = widthOf(isExample)
  if (!isExample) return drawChain(byId('chain', SVGSVGElement), chain, width)
  drawChain(byId('example-good', SVGSVGElement), goodExample, width)
  drawChain(byId('example-reused', SVGSVGElement), reusedExample, width)
}

function widthOf(isExample: boolean): number {
  return isExample ? (examples.firstElementChild?.clientWidth ?? 0) : frame.clientWidth
}

function example(happening: Happening): DemoEvent {
  return { ...happening, id: '', at: 0, tab: 1, grant: '' }
}

function statusOf({ events, tab, tabs }: ViewState): string {
  const expiresAt = events.reduce((end, event) => accessTokenEnd(event) ?? end, 0)
  const seconds = Math.max(0, Math.round((expiresAt - Date.now()) / 1000))
  const left = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  const token =
    expiresAt === 0
      ? 'Signed in'
      : seconds === 0
        ? 'Access token expired: the next call refreshes'
        : `Access token expires in ${left}`
  return tabs.length > 1 ? `${token} · tab ${tab} of ${tabs.length}` : token
}

/** Until when the access token that the owner got is good. */
function accessTokenEnd(event: DemoEvent): number | undefined {
  const isThiefs = event.kind === 'turned' && event.by === 'thief'
  return 'expiresAt' in event && !isThiefs ? event.expiresAt : undefined
}

function tabsHint(tab: number, tabs: readonly number[]): string {
  if (tabs.length < 2) return 'There is only this tab so far.'
  const others = tabs.filter((number) => number !== tab)
  return `This is tab ${tab}. Also open: ${others.map((number) => `tab ${number}`).join(', ')}.`
}

function thiefHint(loot: number | undefined, newest: number): string {
  if (loot === undefined) return 'First the thief gets a copy.'
  if (newest > loot) return `The thief has generation ${loot}, which is spent. What if it comes back?`
  return `The thief has a copy of generation ${loot}, and so has the owner. Whoever is second is noticed.`
}

function showVerdict(chain: Chain, events: readonly DemoEvent[]): void {
  const verdict = verdictOn(chain, events)
  const place = byId('verdict', HTMLDivElement)
  place.classList.toggle('wrong', verdict?.wrong === true)
  if (verdict === undefined) return place.replaceChildren()
  const title = document.createElement('strong')
  title.textContent = verdict.title
  if (place.textContent !== verdict.title + verdict.text) place.replaceChildren(title, verdict.text)
}

/** Only what is new is added, so that a screen reader reads out that and no more. */
function showEvents(chain: Chain, events: readonly DemoEvent[]): void {
  byId('log-empty', HTMLParagraphElement).hidden = events.length > 0
  const wanted = new Set(events.map(({ id }) => id))
  const present = new Map<string, Element>()
  for (const item of list.children) {
    const id = (item as HTMLElement).dataset['id'] ?? ''
    present.set(id, item)
  }
  for (const [id, item] of present) if (!wanted.has(id)) item.remove()
  let next: Element | null = null
  for (const event of events) {
    const item = present.get(event.id) ?? listItem(event)
    const words = describeEvent(event, chain)
    // What this tab heard of first may be explained by what another tab tells later.
    const place = item.lastElementChild
    if (place !== null && place.textContent !== words) place.textContent = words
    if (!present.has(event.id)) list.insertBefore(item, next)
    next = item
  }
}

function listItem(event: DemoEvent): HTMLLIElement {
  const item = document.createElement('li')
  item.dataset['id'] = event.id
  const time = document.createElement('time')
  time.dateTime = new Date(event.at).toISOString()
  time.textContent = new Date(event.at).toLocaleTimeString('en-GB')
  const tab = document.createElement('span')
  tab.className = 'tab'
  tab.textContent = `Tab ${event.tab}`
  const words = document.createElement('span')
  if (event.kind === 'refused' || (event.kind === 'signed-out' && event.reason !== 'user'))
    words.className = 'wrong'
  item.append(time, ' ', tab, ' ', words)
  return item
}

/** Nothing is written that is there already: it might be read out again. */
export function setText(id: string, text: string): void {
  const place = byId(id, HTMLElement)
  if (place.textContent !== text) place.textContent = text
}
