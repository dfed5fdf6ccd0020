import { isDocument, isList, type Document } from './bson-values.js'

export function valueAt(document: unknown, path: string): unknown {
  let value = document
  for (const part of path.split('.')) {
    if (isList(value)) value = value[Number(part)]
    else if (isDocument(value)) value = value[part]
    else return undefined
  }
  return value
}

/** A copy of the tree of documents and arrays; the values at its leaves are never changed in place and are shared. */
export function copyTree(value: unknown): unknown {
  if (isList(value)) return value.map(copyTree)
  if (!isDocument(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, copyTree(child)]))
}

/** As a `$set` stage does: into every element of an array on the way; a scalar on the way becomes a document. */
export function setThrough(target: unknown, parts: readonly string[], value: unknown): unknown {
  const [part, ...rest] = parts
  if (part === undefined) return copyTree(value)
  if (isList(target)) return target.map((element) => setThrough(element, parts, value))
  const parent = isDocument(target) ? target : {}
  parent[part] = setThrough(parent[part], rest, value)
  return parent
}

export function removeThrough(target: unknown, parts: readonly string[]): void {
  const [part, ...rest] = parts
  if (part === undefined) return
  if (isList(target)) {
    for (const element of target) removeThrough(element, parts)
  } else if (isDocument(target)) {
    if (rest.length === 0) delete target[part]
    else removeThrough(target[part], rest)
  }
}

/**
 * The fields that a `$set` stage writes: an embedded document without an operator names paths below it, it does not
 * replace what is there. `{ $set: { a: { b: 1 } } }` is `{ $set: { 'a.b': 1 } }`.
 */
export function fieldsOfSetStage(stage: Document, prefix = ''): [path: string, expression: unknown][] {
  return Object.entries(stage).flatMap(([key, value]): [string, unknown][] => {
    const path = prefix + key
    if (!isDocument(value)) return [[path, value]]
    const names = Object.keys(value)
    if (names.length === 0 || names[0]?.startsWith('$')) return [[path, value]]
    return fieldsOfSetStage(value, `${path}.`)
  })
}
