/** Lets one tab or process at a time refresh, sign in, or sign out. */
export interface Lock {
  /**
   * Waits for the lock at most so long.
   *
   * @returns the function that releases it; undefined when the time passed first
   */
  acquire(name: string, timeoutMs: number): Promise<(() => void) | undefined>
}

/** For one page or process alone, which has its own single flight. */
export const noLock: Lock = { acquire: async () => () => {} }
