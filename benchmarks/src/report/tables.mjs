// The figures as tables in Markdown, ready for a README.
import { markdownTable } from './markdown-table.mjs'

export function cpuTable(load, connections) {
  return shareTable(load, connections, ({ cpuShare }) => cpuShare)
}

export function throughputTable(load, connections) {
  return shareTable(load, connections, ({ throughputShare }) => throughputShare)
}

export function latencyTable(load, connections) {
  const rows = load.flatMap(({ figures }) =>
    figures.map(({ subject, at }) => [
      subject.name,
      ...at.map(({ medianMs, p99Ms }) => `${milliseconds(medianMs)} / ${milliseconds(p99Ms)}`),
    ]),
  )
  return markdownTable(['median / p99, ms', ...connections], rows)
}

export function operationsTable(operations, connections) {
  const rows = operations
    .flat()
    .map(({ subject, cpuShare, commands }) => [subject.name, share(cpuShare), commandsIn(commands)])
  return markdownTable([`${connections} connections`, 'processor time', 'commands per request'], rows)
}

export function sessionsTable(sessions) {
  const names = Object.keys(sessions[0].works)
  const head = ['storage, connections of the others', ...names.map((name) => `the ${name}`), 'seconds']
  const rows = sessions.map(({ subject, connections, works }) => [
    `${subject.name}, ${connections}`,
    ...names.map((name) => {
      const { quietP99Ms, p99Ms, ratio } = works[name]
      return `${milliseconds(quietP99Ms)} / ${milliseconds(p99Ms)} (${ratio.toFixed(1)})`
    }),
    names.map((name) => works[name].seconds.toFixed(1)).join(', '),
  ])
  return markdownTable(head, rows)
}

/** Columns of both parts; a part that was not asked for has none. */
export function storageAndSafetyTable(storage, safety, storageSteps) {
  const subjects = [...new Set([...(storage ?? []), ...(safety ?? [])].map(({ subject }) => subject))]
  const head = [
    'on Redis',
    ...(storage ? ['commands per refresh', ...storageSteps.map((step) => `bytes after ${step}`)] : []),
    ...(safety ? ['200s of 50 at once', 'live successors', 'session survives a replay'] : []),
  ]
  const rows = subjects.map((subject) => {
    const stored = storage?.find((each) => each.subject === subject)
    const safe = safety?.find((each) => each.subject === subject)
    return [
      subject.name,
      ...(storage
        ? stored
          ? [commandsIn(stored.commands), ...stored.bytes.map(whole)]
          : ['', ...storageSteps.map(() => '')]
        : []),
      ...(safety ? [safe.granted, safe.live, safe.survivedReplay] : []),
    ]
  })
  return markdownTable(head, rows)
}

export function growthTable(growth, growthSteps) {
  const head = [
    'live sessions',
    ...growthSteps.map(whole),
    `bytes per session, the last ${whole(growthSteps.at(-1) - (growthSteps.at(-2) ?? 0))}`,
  ]
  const rows = growth.map(({ subject, shares, bytesPerSession }) => [
    subject.name,
    ...shares.map(share),
    whole(bytesPerSession.at(-1)),
  ])
  return markdownTable(head, rows)
}

export function heapTable(heap, refreshes) {
  const head = [
    'heap after a collection, MB',
    'before',
    `after ${whole(refreshes)} refreshes`,
    'bytes allocated per refresh',
  ]
  const rows = heap.map(({ subject, before, after, allocatedPerRefresh }) => [
    subject.name,
    megabytes(before),
    megabytes(after),
    whole(Math.round(allocatedPerRefresh / 100) * 100),
  ])
  return markdownTable(head, rows)
}

function shareTable(load, connections, pick) {
  const rows = load.flatMap(({ figures }) =>
    figures.map(({ subject, at }) => [subject.name, ...at.map((figure) => share(pick(figure)))]),
  )
  return markdownTable(['connections', ...connections], rows)
}

/** `5: get, del, 3 set` */
function commandsIn(commands) {
  const sum = [...commands.values()].reduce((a, b) => a + b, 0)
  const names = [...commands].map(([name, count]) => {
    const times = Number(count.toFixed(1))
    return `${times === 1 ? '' : `${times} `}${name.toLowerCase()}`
  })
  return sum === 0 ? '0' : `${Number(sum.toFixed(1))}: ${names.join(', ')}`
}

const share = (value) => value.toFixed(2)
const milliseconds = (value) => (value < 10 ? value.toFixed(2) : value.toFixed(0))
const megabytes = (bytes) => (bytes / 2 ** 20).toFixed(1)
const whole = (value) => value.toLocaleString('en-US')
