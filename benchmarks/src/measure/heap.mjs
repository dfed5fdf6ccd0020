import { startSubject } from '../subject-process.mjs'

const CONNECTIONS = 64
const MOST_SAMPLED = 5000

/**
 * The heap of the process after a collection, before and after so many refreshes: what only grows is a leak. And the bytes that
 * a refresh allocates there, sampled over refreshes of their own, since sampling keeps what it has looked at.
 */
export async function measureHeap(subjects, redis, generator, { heapRefreshes, warmUp }, say) {
  const figures = []
  for (const subject of subjects) {
    say(`${heapRefreshes} refreshes of ${subject.name}`)
    const server = await startSubject(subject, { redis: redis.url() })
    const tokens = await server.issue(CONNECTIONS)
    const refresh = (times) =>
      generator.run(subject, server.port, tokens, `${Math.ceil(times / CONNECTIONS)}x`)
    await refresh(warmUp)
    const before = await server.heapBytes()
    await refresh(heapRefreshes)
    const after = await server.heapBytes()
    let answered
    const allocated = await server.allocatedBytes(
      async () => ({ answered } = await refresh(Math.min(MOST_SAMPLED, heapRefreshes))),
    )
    figures.push({ subject, before, after, allocatedPerRefresh: allocated / answered })
    await server.stop()
  }
  return figures
}
