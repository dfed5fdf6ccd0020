const prefix = 'oauth-ratchet-demo-tab-'

/** The lowest number that no other tab of the demo has, for as long as this page lives. */
export async function takeTabNumber(): Promise<number> {
  for (let number = 1; ; number++) {
    const taken = await new Promise<boolean>((done) => {
      void navigator.locks.request(`${prefix}${number}`, { ifAvailable: true }, (lock) => {
        done(lock !== null)
        // Never let go: the browser does when the page is gone.
        return lock === null ? undefined : new Promise<void>(() => {})
      })
    })
    if (taken) return number
  }
}

/** The numbers of all tabs of the demo. */
export async function openTabs(): Promise<readonly number[]> {
  const { held = [] } = await navigator.locks.query()
  return held
    .map(({ name = '' }) => (name.startsWith(prefix) ? Number(name.slice(prefix.length)) : 0))
    .filter((number) => number > 0)
    .toSorted((a, b) => a - b)
}
