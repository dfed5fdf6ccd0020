// A process of its own for the code of docs/client-programs.md, which is ESM. The parent sends { file, call, argument };
// the answer is what the exported function gives.
import { pathToFileURL } from 'node:url'

// What oidc-client-ts wants of a window: to keep text, and to be sent somewhere.
class Store extends Map {
  getItem = (name) => this.get(name) ?? null
  setItem = (name, value) => void this.set(name, value)
  removeItem = (name) => void this.delete(name)
  key = (index) => [...this.keys()][index] ?? null
  get length() {
    return this.size
  }
}
let sentTo
globalThis.sessionStorage = new Store()
globalThis.localStorage = new Store()
globalThis.window = {
  sessionStorage,
  localStorage,
  location: { assign: (url) => sentTo(url), replace: (url) => sentTo(url), origin: 'http://127.0.0.1:4567' },
  addEventListener() {},
  removeEventListener() {},
}
globalThis.window.self = globalThis.window
globalThis.location = globalThis.window.location

process.on('message', ({ file, call, argument }) => {
  answer(file, call, argument).then(
    (value) => process.send({ value }),
    (error) => process.send({ error: `${error.stack}\n${String(error.cause?.stack ?? error.cause ?? '')}` }),
  )
})

async function answer(file, call, argument) {
  const sample = await import(pathToFileURL(file).href)
  if (sample.strategy !== undefined) return callStrategy(sample.strategy, call, argument)
  const redirect = new Promise((done) => (sentTo = done))
  const value = await Promise.race([sample[call](argument), redirect])
  return typeof value === 'string' ? value : JSON.parse(JSON.stringify({ ...value }))
}

/** The session of the one browser that there is. */
const session = {}

/** What `passport.authenticate` does with a strategy. */
function callStrategy(strategy, call, callback) {
  const query = call === 'finish' ? Object.fromEntries(new URL(callback).searchParams) : {}
  return new Promise((done, failed) => {
    const run = Object.create(strategy)
    run.redirect = done
    run.error = failed
    run.fail = (challenge) => failed(new Error(JSON.stringify(challenge)))
    run.success = ({ accessToken, refreshToken }) =>
      done({ access_token: accessToken, refresh_token: refreshToken })
    run.authenticate({ query, session, headers: {} }, {})
  })
}
