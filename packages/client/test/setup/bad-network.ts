import { createServer, request as httpRequest } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'

/**
 * What becomes of a request to the token endpoint, or of its answer:
 *
 * - `lost`: the server has answered, and the connection ends before the browser has a byte of it
 * - `cut`: the browser has the headers, a cookie among them, and half of the body
 * - `late`: the answer waits until the browser has given the request up
 * - `overtaken`: the request waits until the browser has given it up and the next one has been answered
 * - `twice`: the server gets the request twice at once, and its first answer is the browser's
 * - `twice-last`: the same, with the second answer
 */
export type Fault = 'none' | 'lost' | 'cut' | 'late' | 'overtaken' | 'twice' | 'twice-last'

/** A proxy before a server. Requests to anything but the token endpoint pass as they are. */
export interface BadNetwork {
  readonly port: number
  /** For the next requests; `none` afterwards. */
  readonly faults: Fault[]
  /** What has happened so far. */
  readonly happened: Fault[]
  forwardTo(port: number): void
  close(): Promise<void>
}

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export async function startBadNetwork(): Promise<BadNetwork> {
  const faults: Fault[] = []
  const happened: Fault[] = []
  let target = 0
  let held: (() => Promise<Answer>)[] = []

  async function pass(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = Buffer.concat(await req.toArray())
    const forward = (): Promise<Answer> => send(target, req, body)
    const isToken = req.method === 'POST' && req.url === '/oauth/token'
    const fault = (isToken ? faults.shift() : undefined) ?? 'none'
    if (isToken) happened.push(fault)
    if (fault === 'overtaken') {
      held.push(forward)
      return
    }
    const first = forward()
    const second = fault.startsWith('twice') ? forward() : first
    const [answer] = await Promise.all(fault === 'twice-last' ? [second, first] : [first, second])
    if (isToken) {
      const overtaken = held
      held = []
      for (const late of overtaken) await late()
    }
    if (fault === 'lost') {
      res.destroy()
      return
    }
    if (fault === 'late') await new Promise((resolve) => res.once('close', resolve))
    res.writeHead(answer.status, answer.headers)
    if (fault !== 'cut') {
      res.end(answer.body)
      return
    }
    res.write(answer.body.subarray(0, answer.body.length / 2), () => {
      // After what was written has left.
      void setImmediate().then(() => res.destroy())
    })
  }

  const http = createServer((req, res) => {
    pass(req, res).catch(() => res.destroy())
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  return {
    port: (http.address() as AddressInfo).port,
    faults,
    happened,
    forwardTo(port) {
      target = port
    },
    async close() {
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}

function send(port: number, { method, url, headers }: IncomingMessage, body: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const onward = httpRequest(
      { host: '127.0.0.1', port, method, path: url, headers: { ...headers, connection: 'close' } },
      (response) => {
        response.toArray().then(
          (chunks) =>
            resolve({
              status: response.statusCode ?? 502,
              headers: response.headers,
              body: Buffer.concat(chunks),
            }),
          reject,
        )
      },
    )
    onward.on('error', reject)
    onward.end(body)
  })
}

/** Faults for a storm, the same for the same seed: bad ones among good ones, and of bad ones at most `inARow`. */
export function seededFaults(seed: number, length: number, inARow: number): Fault[] {
  const bad: readonly Fault[] = ['lost', 'cut', 'late', 'overtaken', 'twice', 'twice-last']
  let state = seed
  // A linear congruential generator, whose high bits are good enough.
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const faults: Fault[] = []
  while (faults.length < length) {
    const row = Math.floor(random() * (inARow + 1))
    for (let index = 0; index < row; index++) faults.push(bad[Math.floor(random() * bad.length)] ?? 'none')
    faults.push('none')
  }
  return faults
}
