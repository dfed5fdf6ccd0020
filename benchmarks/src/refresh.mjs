// Refreshes per second, and processor time per refresh, against a bare Express app that does one update.
//
// Every subject runs in every round, one after the other in changing order, so that what the machine does meanwhile
// hits them alike; the figure is the median of the rounds, and what counts is the ratio.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { startRedis } from './redis-server.mjs'
import { subjects } from './subjects.mjs'
import { refreshFor } from './load.mjs'

const rounds = Number(process.env.ROUNDS ?? 5)
const ms = Number(process.env.ROUND_MS ?? 1500)
const chains = Number(process.env.CHAINS ?? 32)
const pairs = [
  ['ratchet memory', 'bare memory'],
  ['ratchet redis', 'bare redis'],
  ['ratchet sqlite NORMAL', 'bare sqlite NORMAL'],
  ['ratchet sqlite FULL', 'bare sqlite FULL'],
]

const redis = await startRedis()
process.env.BENCHMARK_REDIS_URL = redis.url
const running = new Map()
for (const name of Object.keys(subjects)) {
  const child = fork(new URL('./serve.mjs', import.meta.url), [name, String(chains)])
  const [{ port, tokens }] = await once(child, 'message')
  running.set(name, { child, port, tokens, perSecond: [], cpuMicros: [] })
  await refreshFor(ms / 2, port, tokens)
}

for (let round = 0; round < rounds; round++) {
  const names = [...running.keys()]
  if (round % 2 === 1) names.reverse()
  for (const name of names) {
    const subject = running.get(name)
    const before = await usage(subject.child)
    const started = performance.now()
    const count = await refreshFor(ms, subject.port, subject.tokens)
    const seconds = (performance.now() - started) / 1000
    const after = await usage(subject.child)
    subject.perSecond.push(count / seconds)
    subject.cpuMicros.push(((after.cpuMs - before.cpuMs) * 1000) / count)
    subject.rssMb = after.rssMb
  }
  process.stderr.write(`round ${round + 1} of ${rounds}\n`)
}

const row = (cells) => `| ${cells.join(' | ')} |`
console.log(row(['subject', 'refreshes/s', 'processor µs per refresh', 'memory MB']))
console.log(row(['---', '---:', '---:', '---:']))
for (const [name, { perSecond, cpuMicros, rssMb }] of running) {
  console.log(row([name, median(perSecond).toFixed(0), median(cpuMicros).toFixed(0), rssMb.toFixed(0)]))
}
console.log()
console.log(row(['pair', 'throughput, share of bare', 'processor time, share of bare']))
console.log(row(['---', '---:', '---:']))
for (const [ours, theirs] of pairs) {
  const a = running.get(ours)
  const b = running.get(theirs)
  const throughput = median(a.perSecond.map((value, round) => value / b.perSecond[round]))
  const cpu = median(a.cpuMicros.map((value, round) => value / b.cpuMicros[round]))
  console.log(row([`${ours} / ${theirs}`, throughput.toFixed(2), cpu.toFixed(2)]))
}

for (const { child } of running.values()) {
  child.send('stop')
  await once(child, 'exit')
}
redis.stop()

async function usage(child) {
  child.send('cpu')
  const [message] = await once(child, 'message')
  return message
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}
