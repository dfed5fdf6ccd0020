import { appFlows } from '../setup/app-flows.js'
import { clientFlows } from '../setup/client-flows.js'
import { allFaults, driverMessage, faults, FaultyStorage } from '../setup/faulty-storage.js'
import type { Fault } from '../setup/faulty-storage.js'
import { liveGrants } from '../setup/flow.js'
import type { Flow } from '../setup/flow.js'
import { startServer } from '../setup/test-server.js'
import type { Answer, TestServer } from '../setup/test-server.js'

// Each storage call of each flow fails once, before and after it took effect (H14; DESIGN "An unknown outcome is
// not a theft").

async function prepared(flow: Flow) {
  const faulty = new FaultyStorage()
  const at = startServer({ ...flow.options, storage: faulty.storage, storageTimeout: 0.02 })
  await at.server.ready()
  const attempt = await flow.prepare(at)
  faulty.calls.length = 0
  return { at, faulty, attempt }
}

function expectedStatus(flow: Flow, call: string, fault: Fault): number | undefined {
  // What a driver asks twice is answered.
  if (fault === 'asked twice by its driver') return 200
  return flow.calls[call]?.[faults[fault] === 'applied' ? 'applied' : 'notApplied']
}

function expectOutage(at: TestServer, answer: Answer): void {
  expect(answer).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } })
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
  expect(JSON.stringify(answer)).not.toContain(driverMessage)
  expect(JSON.stringify(at.events('request.failed'))).not.toContain('internal')
}

describe.each(Object.entries({ ...clientFlows, ...appFlows }))('%s', (_, flow) => {
  test('makes the storage calls that this table has, and no others', async () => {
    const { faulty, attempt } = await prepared(flow)

    const answer = await attempt.run()

    expect(answer.status).toBe(200)
    expect([...new Set(faulty.calls)].toSorted()).toEqual(Object.keys(flow.calls).toSorted())
    await attempt.done(answer)
  })

  describe.each(Object.keys(flow.calls))('when %s is', (call) => {
    test.each(allFaults)('%s', async (fault) => {
      const { at, faulty, attempt } = await prepared(flow)
      faulty.fail(call, fault)

      const first = await attempt.run()

      expect(faulty.spent).toBe(true)
      expect(first.status).toBe(expectedStatus(flow, call, fault))
      let last = first
      if (first.status === 503) {
        expectOutage(at, first)
        if (faults[fault] === 'not applied') {
          // Nothing half-issued, and nothing lost.
          expect(await liveGrants(at.storage)).toHaveLength(flow.liveBefore ?? 1)
        }
        last = await attempt.run()
      }
      expect(last.status).toBe(200)
      await attempt.done(last)
      expect(at.events('grant.reuse_detected')).toEqual([])
    })
  })
})
