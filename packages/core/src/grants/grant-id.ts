/** Whether it can be the id of a grant. Ids come from forms and links: nothing but what is one goes to a store. */
export function isGrantId(id: unknown): id is string {
  return typeof id === 'string' && /^[\w-]{22}$/.test(id)
}
