import { startSubject } from '../subject-process.mjs'

const CONNECTIONS = 64
const WARM_UP = 5000

/** The heap of the process after a collection, before and after so many refreshes. What only grows is a leak. */
export async function measureHeap(subjects, redis, generator, { heapRefreshes }, say) {
  const figures = []
  for (const subject of subjects) {
    say(`${heapRefreshes} refreshes of ${subject.name}`)
    const server = await startSubject(subject, { redis: redis.url() })
    const tokens = await server.issue(CONNECTIONS)
    const refresh = (times) =>
      generator.run(subject, server.port, tokens, `${Math.ceil(times / CONNECTIONS)}x`)
    await refresh(WARM_UP)
    const before = await server.heapBytes()
    await refresh(heapRefreshes)
    figures.push({ subject, before, after: await server.heapBytes() })
    await server.stop()
  }
  return figures
}
