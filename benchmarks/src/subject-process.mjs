// A subject in a process of its own, seen from the program that measures it.
import { fork } from 'node:child_process'
import { once } from 'node:events'

/** The part about safety makes this warning come true on purpose. */
const EXEC_ARGV = ['--expose-gc', '--disable-warning=OAUTH_RATCHET_QUICK_REUSE']

/** As all of them are deployed. */
const ENV = { ...process.env, NODE_ENV: 'production' }

/**
 * Starts a subject. `urls` has the engine it may use: `{ redis }`, `{ mongodb }` or neither.
 *
 * @returns port, ask({ issue }) and so on, and stop
 */
export async function startSubject(subject, urls) {
  const parameters = [subject.module, subject.variant ?? '', JSON.stringify(urls)]
  const child = fork(new URL('./serve.mjs', import.meta.url), parameters, { execArgv: EXEC_ARGV, env: ENV })
  const failed = once(child, 'exit').then(() => {
    throw new Error(`${subject.name} ended: what it wrote stands above.`)
  })
  // Whoever waits for an answer hears of it; when nobody does it is the normal end.
  failed.catch(() => {})
  const answer = async () => (await Promise.race([once(child, 'message'), failed]))[0]
  const { port } = await answer()
  const ask = (message) => {
    child.send(message)
    return answer()
  }
  return {
    subject,
    port,
    /** New sessions, and `keep` of their refresh tokens, evenly taken from all. */
    issue: (count, keep = count) => ask({ issue: count, keep }),
    /** Processor time since the start, in ms. */
    cpuMs: async () => (await ask({ usage: true })).cpuMs,
    /** Bytes on the heap after a collection. */
    heapBytes: async () => (await ask({ heap: true })).heapBytes,
    /** Bytes that this process allocates on its heap while `run` goes on: a sample, see allocations.mjs. */
    allocatedBytes: async (run) => {
      await ask({ watchAllocations: true })
      await run()
      return (await ask({ allocated: true })).allocatedBytes
    },
    stop: async () => {
      child.send({ stop: true })
      await once(child, 'exit')
    },
  }
}
