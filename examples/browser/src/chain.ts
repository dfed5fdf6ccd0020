import type { DemoEvent, Sender } from './demo-event.js'

/** The code (generation 0) or a refresh token of a grant. */
export interface Link {
  readonly generation: number
  /** `current`: can be used; `spent`: was exchanged for the next one; `ended`: never used, and the grant is over. */
  readonly state: 'spent' | 'current' | 'ended'
  /** How often the server gave it again to a request that was sent again. */
  readonly repeats: number
  /** It was spent and came back from somebody without the key. */
  readonly reused: boolean
  readonly stolen: boolean
  /** Who got it from the server. */
  readonly holder: Sender
}

/** Why a grant is over; `refused`: the server did not say why. */
export type End = 'reuse' | 'user' | 'refused'

export interface Chain {
  readonly links: readonly Link[]
  readonly end: End | undefined
}

/** The chain of tokens that events of one grant tell of. Events that are missing are filled in from later ones. */
export function chainOf(events: readonly DemoEvent[]): Chain {
  let newest = -1
  let end: End | undefined
  const repeats = new Map<number, number>()
  const reused = new Set<number>()
  const stolen = new Set<number>()
  const gotByThief = new Set<number>()
  for (const event of events) {
    switch (event.kind) {
      case 'begun':
        newest = Math.max(newest, 1)
        break
      case 'found':
      case 'adopted':
        newest = Math.max(newest, event.generation)
        break
      case 'turned':
        newest = Math.max(newest, event.from + 1)
        if (event.by === 'thief') gotByThief.add(event.from + 1)
        break
      case 'repeated':
        newest = Math.max(newest, event.from + 1)
        repeats.set(event.from + 1, (repeats.get(event.from + 1) ?? 0) + 1)
        break
      case 'stolen':
        stolen.add(event.generation)
        break
      case 'refused':
        // Refused once the grant is over, a token says nothing new.
        if (end !== undefined) break
        if (event.from < newest) reused.add(event.from)
        end = event.from < newest ? 'reuse' : 'refused'
        break
      case 'signed-out':
        end ??= event.reason === 'user' ? 'user' : 'refused'
        break
      case 'together':
      case 'retrying':
      case 'gave-up':
      case 'offline':
      case 'online':
      case 'called':
        break
    }
  }
  const links = Array.from({ length: newest + 1 }, (_, generation): Link => {
    const last = end === undefined ? 'current' : 'ended'
    return {
      generation,
      state: generation < newest ? 'spent' : last,
      repeats: repeats.get(generation) ?? 0,
      reused: reused.has(generation),
      stolen: stolen.has(generation),
      holder: gotByThief.has(generation) ? 'thief' : 'owner',
    }
  })
  return { links, end }
}

/** The generation that was used twice. */
export function reusedIn({ links }: Chain): number | undefined {
  return links.find(({ reused }) => reused)?.generation
}

/** A place in the picture: a link, or spent ones that stand behind each other. */
export type Place = Link | { readonly from: number; readonly to: number }

const newestShown = 6

/** Folds the long middle of a chain, in which nothing happened but refreshes, so that the picture stays readable. */
export function foldChain(links: readonly Link[]): readonly Place[] {
  const places: Place[] = []
  let run: Link[] = []
  const flush = (): void => {
    const [first] = run
    const last = run.at(-1)
    if (run.length > 2 && first !== undefined && last !== undefined) {
      places.push({ from: first.generation, to: last.generation })
    } else {
      places.push(...run)
    }
    run = []
  }
  for (const link of links) {
    const old = link.generation > 1 && link.generation < links.length - newestShown
    const plain = link.repeats === 0 && !link.reused && !link.stolen && link.holder === 'owner'
    if (old && plain) {
      run.push(link)
    } else {
      flush()
      places.push(link)
    }
  }
  flush()
  return places
}

/** The picture in words. */
export function describeChain({ links, end }: Chain): string {
  if (links.length === 0) return 'No tokens yet.'
  const words = foldChain(links).map((place) =>
    'from' in place
      ? `Generations ${place.from} to ${place.to}: spent.`
      : `${nameOf(place.generation)}: ${notesOf(place).join(', ')}.`,
  )
  return [...words, ...(end === undefined ? [] : ['The grant has ended.'])].join(' ')
}

export function nameOf(generation: number): string {
  return generation === 0 ? 'Code' : `Generation ${generation}`
}

/** What is to be said of a link, the most important first. */
export function notesOf(link: Link): readonly string[] {
  return [
    link.reused ? 'came back' : link.state === 'ended' ? 'dead' : link.state,
    ...(link.repeats > 0 ? [link.repeats === 1 ? 'given again' : `given again ×${link.repeats}`] : []),
    ...(link.stolen ? ['copied'] : []),
    ...(link.holder === 'thief' ? ['thief has it'] : []),
  ]
}
