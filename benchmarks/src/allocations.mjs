// What this process allocates on its JavaScript heap, what was collected meanwhile included, by the sampling profiler of V8:
// about one allocation in so many bytes is looked at, so it is an estimate. Memory of buffers outside the heap is not in it.
import { Session } from 'node:inspector/promises'

const SAMPLING_INTERVAL_BYTES = 16_384

const session = new Session()

export async function watchAllocations() {
  session.connect()
  await session.post('HeapProfiler.startSampling', {
    samplingInterval: SAMPLING_INTERVAL_BYTES,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  })
  return {}
}

/** Since watchAllocations(), and ends it. */
export async function allocatedBytes() {
  const { profile } = await session.post('HeapProfiler.stopSampling')
  session.disconnect()
  return sizeOf(profile.head)
}

function sizeOf({ selfSize, children }) {
  return children.reduce((sum, child) => sum + sizeOf(child), selfSize)
}
