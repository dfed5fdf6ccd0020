import { isDocument, isList, type Document } from './bson-values.js'
import { setThrough } from './field-paths.js'

/** The fields that a filter says to be equal to something: a document made by an upsert starts with them. */
export function equalitiesOf(filter: Document): Document {
  const found: Document = {}
  collect(filter, found)
  return found
}

function collect(filter: Document, found: Document): void {
  for (const [key, condition] of Object.entries(filter)) {
    if (key === '$and' || (key === '$or' && isList(condition) && condition.length === 1)) {
      if (isList(condition)) for (const part of condition.filter(isDocument)) collect(part, found)
    } else if (!key.startsWith('$')) {
      const value = equality(condition)
      if (value !== undefined) setThrough(found, key.split('.'), value)
    }
  }
}

function equality(condition: unknown): unknown {
  if (condition instanceof RegExp) return undefined
  if (!isDocument(condition)) return condition
  if ('$eq' in condition) return condition['$eq']
  if (Array.isArray(condition['$in']) && condition['$in'].length === 1) return condition['$in'][0] as unknown
  return Object.keys(condition).some((key) => key.startsWith('$')) ? undefined : condition
}
