/** An element that index.html has. */
export function byId<T extends Element>(id: string, type: new () => T): T {
  const found = document.getElementById(id) as Element | null
  if (found instanceof type) return found
  throw new Error(`index.html has no ${type.name} #${id}.`)
}
