// The benchmark: starts the engines, runs the parts one after the other, prints the tables and writes them with the picture.
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { startMongodb } from './engines/mongodb.mjs'
import { startRedis } from './engines/redis-server.mjs'
import { createLoadGenerator } from './load/load-generator.mjs'
import { measureGrowth } from './measure/growth.mjs'
import { measureHeap } from './measure/heap.mjs'
import { measureLoad } from './measure/load.mjs'
import { measureOperations } from './measure/operations.mjs'
import { measureSafety } from './measure/safety.mjs'
import { measureSessions } from './measure/sessions.mjs'
import { measureStorage } from './measure/storage.mjs'
import { options } from './options.mjs'
import { peersInstalled } from './peers-installed.mjs'
import { chooseSubjects } from './choose-subjects.mjs'
import { picture } from './report/picture.mjs'
import { report } from './report/report.mjs'
import { sessions } from './sessions.mjs'

// What was started goes by handlers of `exit`, which a signal alone does not call.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1))

if (options.out !== undefined) mkdirSync(options.out, { recursive: true })

const started = performance.now()
const redis = await startRedis()
const mongodb = options.parts.includes('load') ? await startMongodb() : undefined
const withPeers = options.peers && peersInstalled()
const { groups, operations, onRedis, growing, forgiving } = chooseSubjects(options.subjects, {
  peers: withPeers,
  mongodb: mongodb !== undefined,
})
const generator = createLoadGenerator(options.generator)
const urls = { redis: () => ({ redis: redis.url() }), mongodb: () => ({ mongodb: mongodb?.url }) }

const run = {
  load: () =>
    inTurn(Object.entries(groups), async ([name, subjects]) => ({
      name,
      figures: await measureLoad(subjects, urls[name] ?? (() => ({})), generator, options, saying(name)),
    })),
  operations: () => measureOperations(operations, redis, generator, options, saying('operations')),
  sessions: () => measureSessions(sessions, redis, generator, options, saying('sessions')),
  storage: () => measureStorage(onRedis, redis, generator, options, saying('storage')),
  safety: () => measureSafety([...onRedis, ...forgiving], redis, saying('safety')),
  growth: () => measureGrowth(growing, redis, generator, options, saying('growth')),
  heap: () => measureHeap(growing, redis, generator, options, saying('heap')),
}
const figures = {}
for (const part of options.parts) figures[part] = await run[part]()
redis.stop()
await mongodb?.stop()

const page = report({ ...figures, conditions: conditions() }, options)
process.stdout.write(page)
if (options.out !== undefined) {
  writeFileSync(join(options.out, 'tables.md'), page)
  const measuredOnRedis = figures.load?.find(({ name }) => name === 'redis')
  if (measuredOnRedis !== undefined) writePicture(measuredOnRedis.figures)
}

function conditions() {
  const minutes = ((performance.now() - started) / 60_000).toFixed(1)
  return [
    `${madeOn()};`,
    `${options.rounds} rounds of ${options.roundMs} ms, ${minutes} minutes in all.`,
    `Load: ${generator.describe()}.`,
    mongodb === undefined
      ? 'No figures for MongoDB: neither MONGODB_URL nor a mongod is here.'
      : `MongoDB ${mongodb.version}.`,
    withPeers
      ? peersNote()
      : options.peers
        ? 'Without the peers, which could not be installed.'
        : 'Without the peers.',
  ]
    .filter((sentence) => sentence !== '')
    .join(' ')
}

function madeOn() {
  const date = new Date().toISOString().slice(0, 10)
  return `${date}, Node ${process.version}, Redis ${redis.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}`
}

function peersNote() {
  const isOld = Number(process.versions.node.split('.')[0]) < 22
  return isOld ? 'oidc-provider says that it does not support this Node; it asks for 22 or later.' : ''
}

/** At 16 and 64 connections where these were measured, else at what was. */
function writePicture(measured) {
  const { connections } = options
  const shown = [16, 64].every((count) => connections.includes(count))
    ? [16, 64]
    : [connections[0], connections.at(-1)]
  const rows = measured
    .map(({ subject, at }) => ({
      name: subject.name,
      kind: subject.kind,
      shares: shown.map((count) => at[connections.indexOf(count)].cpuShare),
    }))
    .toSorted((a, b) => b.shares[0] - a.shares[0])
  writeFileSync(join(options.out, 'processor-time.svg'), picture(rows, shown, madeOn()))
}

function saying(part) {
  return (what) => process.stderr.write(`bench: ${part}: ${what}\n`)
}

async function inTurn(items, each) {
  const results = []
  for (const item of items) results.push(await each(item))
  return results
}
