/** Lets one tab or process at a time refresh, sign in, or sign out. */
export interface Lock {
  /**
   * Waits for the lock, for at most `timeoutMs` milliseconds.
   *
   * @returns the function that releases it; undefined when the time passed first
   */
  acquire(name: string, timeoutMs: number): Promise<(() => void) | undefined>
  /**
   * Lets the others find this name until the next call, or until this tab is gone; undefined: none. It is there before a lock
   * that is released afterwards is acquired by anybody, which holds for no store that tabs share.
   */
  announce?(name: string | undefined): void
  /** The names announced now that begin with a prefix. */
  announced?(prefix: string): Promise<readonly string[]>
}
