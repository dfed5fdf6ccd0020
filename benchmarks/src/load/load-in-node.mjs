// The load generator for machines without a C compiler: the same parameters, input and output as load.c. It takes several
// times the processor time of that, which on few cores is taken from what is measured.
import http from 'node:http'
import { text } from 'node:stream/consumers'

const [port, mode, amount, head, bodyTemplate] = process.argv.slice(2)
const [requestLine, ...headerLines] = head.trimEnd().split('\r\n')
const [method, path] = requestLine.split(' ')
const tokens = (await text(process.stdin)).split('\n').filter((line) => line !== '')
const connections = mode === 'spend' ? Math.min(Number(amount), tokens.length) : tokens.length
const perConnection = amount.endsWith('x') ? Number(amount.slice(0, -1)) : Infinity
const agent = new http.Agent({ keepAlive: true, maxSockets: connections })
const latencies = []
let failed = 0
let nextToken = connections
const stopping = new AbortController()
process.on('SIGTERM', () => stopping.abort())
const started = performance.now()
const end = mode === 'spend' || perConnection < Infinity ? Infinity : started + Number(amount) * 1000

await Promise.all(tokens.slice(0, connections).map((_, index) => requestAfterRequest(index)))

const seconds = (performance.now() - started) / 1000
latencies.sort((a, b) => a - b)
const { user, system } = process.cpuUsage()
process.stdout.write(`${tokens.join('\n')}\n`)
process.stdout.write(
  JSON.stringify({
    answered: latencies.length,
    failed,
    seconds,
    medianMs: latencies[Math.floor(latencies.length / 2)] ?? 0,
    p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
    maxMs: latencies.at(-1) ?? 0,
    cpuSeconds: (user + system) / 1e6,
  }),
)
agent.destroy()

async function requestAfterRequest(first) {
  let index = first
  for (let count = 0; count < perConnection && performance.now() < end && !stopping.signal.aborted; count++) {
    if (index >= tokens.length) return
    const sentAt = performance.now()
    const { status, body } = await send(tokens[index])
    const next = mode === 'rotate' && status === 200 ? JSON.parse(body).refresh_token : tokens[index]
    if (status !== 200 || next === undefined) {
      if (failed++ === 0) process.stderr.write(`load: a connection ended: ${status} ${body.slice(0, 300)}\n`)
      return
    }
    latencies.push(performance.now() - sentAt)
    tokens[index] = next
    if (mode === 'spend') index = nextToken++
  }
}

function send(token) {
  const headers = Object.fromEntries(headerLines.map((line) => line.replace('{token}', token).split(': ')))
  const body = bodyTemplate.replace('{token}', token)
  if (body !== '') headers['Content-Length'] = Buffer.byteLength(body)
  return new Promise((resolve, reject) => {
    const request = http.request({ agent, host: '127.0.0.1', port, method, path, headers }, (response) => {
      resolve(read(response))
    })
    request.on('error', reject)
    request.end(body)
  })
}

async function read(response) {
  return { status: response.statusCode, body: await text(response) }
}
