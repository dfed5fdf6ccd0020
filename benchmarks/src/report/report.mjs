// All that a run found, as one page of Markdown.
import {
  cpuTable,
  growthTable,
  heapTable,
  latencyTable,
  operationsTable,
  sessionsTable,
  storageAndSafetyTable,
  throughputTable,
} from './tables.mjs'

export function report({ load, operations, sessions, storage, safety, growth, heap, conditions }, options) {
  const { connections, storageSteps, growthSteps, heapRefreshes, operationConnections, sessionsOfOne } =
    options
  const sections = [
    conditions,
    load &&
      `### Processor time\n\nShare of the group's bare Express: 1.20 means a refresh takes 1/1.20 of its processor time. More is better. ${yardstickIn(load[0].figures[0], connections)}\n\n${cpuTable(load, connections)}`,
    load &&
      `### Throughput\n\nShare of the group's bare Express. More is better. With one connection it is latency.\n\n${throughputTable(load, connections)}`,
    load && `### Latency\n\n${latencyTable(load, connections)}`,
    operations &&
      `### Other operations\n\nProcessor time as share of the bare Express route above it, which does the one thing. More is better.\n\n${operationsTable(operations, operationConnections)}`,
    sessions &&
      `### Many sessions of one user\n\nWhat others wait for their refreshes, 99 of 100, in ms: while nothing else goes on / while ${sessionsOfOne.toLocaleString('en-US')} sessions of one user are listed in pages of 500, and then ended, and in brackets how many times as long; last, the seconds that listing and ending took.\n\n${sessionsTable(sessions)}`,
    (storage ?? safety) &&
      `### Commands, bytes and safety\n\nCommands that Redis gets, and the bytes that are kept for one session when its last access token has ended after so many refreshes. Then ten times over: one token used 50 times at once, how many uses are answered 200, and how many different refresh tokens from these answers work afterwards: 1 is one session, 2 and more are as many sessions from one token, 0 means that the losing uses were taken for theft and ended it. Last, a token that is used again after its successor was used: how often the session goes on for whoever holds the newest token, owner or thief.\n\n${storageAndSafetyTable(storage, safety, storageSteps)}`,
    growth &&
      `### Growth\n\nProcessor time as share of bare Express with as many live sessions, 64 connections.\n\n${growthTable(growth, growthSteps)}`,
    heap &&
      `### Heap\n\nThe bytes allocated are an estimate of V8's sampling profiler, garbage included, buffers outside the heap not.\n\n${heapTable(heap, heapRefreshes)}`,
  ]
  return `${sections.filter(Boolean).join('\n\n')}\n`
}

/** So that shares can be turned into times on this machine. */
function yardstickIn({ subject, at }, connections) {
  const micros = at.map(({ cpuMicros }) => Math.round(cpuMicros)).join(', ')
  return `${subject.name} itself took ${micros} µs a refresh here, at ${connections.join(', ')} connections.`
}
