import { setImmediate as nextTurn } from 'node:timers/promises'

type Warning = Error & { readonly code?: string }

/**
 * Runs work and collects the warnings of oauth-ratchet that the process emits meanwhile, instead of having them written to
 * standard error. Those of Node and of drivers are written as always.
 */
export async function warningsDuring<Result>(
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly warnings: readonly Warning[] }> {
  const warnings: Warning[] = []
  const others = process.listeners('warning')
  const listener = (warning: Warning): void => {
    if (warning.name === 'OAuthRatchetWarning') warnings.push(warning)
    else for (const other of others) other.call(process, warning)
  }
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
