import { setImmediate as nextTurn } from 'node:timers/promises'

type Warning = Error & { readonly code?: string }

/** Runs work and answers the warnings of ours that the process emitted meanwhile. They are not written to standard error. */
export async function warningsDuring<Result>(
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly warnings: readonly Warning[] }> {
  const warnings: Warning[] = []
  const listener = (warning: Warning): void => {
    if (warning.name === 'OAuthRatchetWarning') warnings.push(warning)
  }
  const others = process.listeners('warning')
  process.removeAllListeners('warning')
  process.on('warning', listener)
  try {
    const result = await work()
    // Warnings are emitted at the next tick.
    await nextTurn()
    return { result, warnings }
  } finally {
    process.removeListener('warning', listener)
    for (const other of others) process.on('warning', other)
  }
}
