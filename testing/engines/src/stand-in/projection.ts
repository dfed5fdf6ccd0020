import { isDocument, isList, type Document } from './bson-values.js'
import { badValue } from './errors.js'
import { runPipeline } from './expressions.js'

type Tree = Map<string, Tree | null>

function treeOf(paths: readonly string[]): Tree {
  const tree: Tree = new Map()
  for (const path of paths) {
    const parts = path.split('.')
    const last = parts.pop() ?? ''
    let node = tree
    for (const part of parts) {
      const child = node.get(part) ?? new Map<string, Tree | null>()
      node.set(part, child)
      node = child
    }
    node.set(last, null)
  }
  return tree
}

function keep(value: unknown, tree: Tree): unknown {
  if (isList(value)) return value.filter((e) => isDocument(e) || isList(e)).map((e) => keep(e, tree))
  return isDocument(value) ? keepFields(value, tree) : undefined
}

function keepFields(document: Document, tree: Tree): Document {
  const kept: Document = {}
  for (const [key, child] of Object.entries(document)) {
    const below = tree.get(key)
    if (below === null) kept[key] = child
    else if (below) {
      const part = keep(child, below)
      if (part !== undefined) kept[key] = part
    }
  }
  return kept
}

function drop(value: unknown, tree: Tree): unknown {
  if (isList(value)) return value.map((element) => drop(element, tree))
  return isDocument(value) ? dropFields(value, tree) : value
}

function dropFields(document: Document, tree: Tree): Document {
  const kept: Document = {}
  for (const [key, child] of Object.entries(document)) {
    const below = tree.get(key)
    if (below === null) continue
    kept[key] = below ? drop(child, below) : child
  }
  return kept
}

function isFlag(value: unknown): boolean {
  return typeof value === 'boolean' || typeof value === 'number'
}

/** Plain inclusions and exclusions keep the document's order of fields; anything else is left to mingo's `$project`. */
export function project(documents: readonly Document[], projection: Document): Document[] {
  const fields = Object.entries(projection)
  if (fields.length === 0) return [...documents]
  if (!fields.every(([, value]) => isFlag(value))) return runPipeline(documents, [{ $project: projection }])
  const others = fields.filter(([path]) => path !== '_id')
  const wanted = others.filter(([, value]) => Boolean(value)).map(([path]) => path)
  const unwanted = others.filter(([, value]) => !value).map(([path]) => path)
  const id = fields.find(([path]) => path === '_id')?.[1]
  if (wanted.length > 0 && unwanted.length > 0) throw badValue('Cannot do exclusion in inclusion projection')
  if (wanted.length > 0 || (unwanted.length === 0 && Boolean(id))) {
    const tree = treeOf(id === undefined || Boolean(id) ? ['_id', ...wanted] : wanted)
    return documents.map((document) => keepFields(document, tree))
  }
  const tree = treeOf(id === undefined || Boolean(id) ? unwanted : ['_id', ...unwanted])
  return documents.map((document) => dropFields(document, tree))
}
