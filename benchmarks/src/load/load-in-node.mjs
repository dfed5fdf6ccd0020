// The load generator for machines without a C compiler: the same parameters, input and output as load.c. It takes several
// times the processor time of that, which on few cores is taken from what is measured.
import http from 'node:http'
import { text } from 'node:stream/consumers'

const [port, path, amount, form, header = ''] = process.argv.slice(2)
const [headerName, headerValue] = header.split(': ')
const chains = (await text(process.stdin)).split('\n').filter((line) => line !== '')
const perChain = amount.endsWith('x') ? Number(amount.slice(0, -1)) : Infinity
const agent = new http.Agent({ keepAlive: true, maxSockets: chains.length })
const latencies = []
let failed = 0
const started = performance.now()
const end = perChain === Infinity ? started + Number(amount) * 1000 : Infinity

await Promise.all(chains.map((_, chain) => rotate(chain)))

const seconds = (performance.now() - started) / 1000
latencies.sort((a, b) => a - b)
const { user, system } = process.cpuUsage()
process.stdout.write(`${chains.join('\n')}\n`)
process.stdout.write(
  JSON.stringify({
    answered: latencies.length,
    failed,
    seconds,
    medianMs: latencies[Math.floor(latencies.length / 2)] ?? 0,
    p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
    cpuSeconds: (user + system) / 1e6,
  }),
)
agent.destroy()

async function rotate(chain) {
  for (let count = 0; count < perChain && performance.now() < end; count++) {
    const sentAt = performance.now()
    const { status, body } = await post(`${form}${chains[chain]}`)
    const next = status === 200 ? JSON.parse(body).refresh_token : undefined
    if (next === undefined) {
      if (failed++ === 0) process.stderr.write(`load: a chain ended: ${status} ${body.slice(0, 300)}\n`)
      return
    }
    latencies.push(performance.now() - sentAt)
    chains[chain] = next
  }
}

function post(body) {
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': Buffer.byteLength(body),
    ...(headerName !== '' && { [headerName]: headerValue }),
  }
  return new Promise((resolve, reject) => {
    const request = http.request(
      { agent, host: '127.0.0.1', port, method: 'POST', path, headers },
      (response) => {
        resolve(read(response))
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}

async function read(response) {
  return { status: response.statusCode, body: await text(response) }
}
