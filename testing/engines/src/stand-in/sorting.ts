import { compareBson } from './bson-order.js'
import { isDocument, isList, type Document } from './bson-values.js'

/** All the values that a path leads to, through arrays on the way and at its end. */
export function valuesOn(document: unknown, path: string): unknown[] {
  const dot = path.indexOf('.')
  const part = dot < 0 ? path : path.slice(0, dot)
  const rest = dot < 0 ? '' : path.slice(dot + 1)
  if (isList(document)) {
    const indexed = /^\d+$/.test(part) ? [document[Number(part)]] : []
    const below = document.flatMap((element) => (isList(element) ? [] : valuesOn(element, path)))
    return indexed.length > 0 && below.every((value) => value === undefined) ? indexed : below
  }
  const value = isDocument(document) ? document[part] : undefined
  if (rest !== '') return valuesOn(value, rest)
  return isList(value) ? value : [value]
}

/** An array sorts by its least element upwards and by its greatest downwards; what is missing sorts as null. */
function sortValue(document: Document, path: string, direction: number): unknown {
  const values = valuesOn(document, path).map((value) => (value === undefined ? null : value))
  return values.reduce<unknown>(
    (best, value) => (best === undefined || compareBson(value, best) * direction < 0 ? value : best),
    undefined,
  )
}

/** A stable sort by the keys of `spec`, 1 or -1 each. */
export function sorted(documents: readonly Document[], spec: Document): Document[] {
  const keys = Object.entries(spec).map(([path, direction]) => ({ path, direction: Number(direction) }))
  if (keys.length === 0) return [...documents]
  const rows = documents.map((document) => ({
    document,
    values: keys.map(({ path, direction }) => sortValue(document, path, direction)),
  }))
  rows.sort((a, b) => {
    for (const [i, { direction }] of keys.entries()) {
      const result = compareBson(a.values[i], b.values[i])
      if (result !== 0) return result * direction
    }
    return 0
  })
  return rows.map((row) => row.document)
}
