import { ClientError } from '@oauth-ratchet/client'
import { byId } from './by-id.js'
import { demoChannel } from './demo-channel.js'
import { current, demoSession } from './demo-session.js'
import type { DemoSettings } from './demo-settings.js'
import { setText, show } from './demo-view.js'
import { eventLog } from './event-log.js'
import { openTabs, takeTabNumber } from './tab-number.js'
import { thief } from './thief.js'

/** So long a visitor has to see the thief's request before the owner's next one follows. */
const ownersNextRequestMs = 1200

async function start(): Promise<void> {
  const response = await fetch('settings.json')
  const { issuer, tokenEndpoint, clientId } = (await response.json()) as DemoSettings
  const home = `${issuer.replace(/\/$/, '')}/demo/`
  if (clientId === null) {
    return trouble(
      'The client of this demo is not here: the server was started with a CLIENTS_FILE, whose clients replace the demo ' +
        'clients. Start it without CLIENTS_FILE to use the demo.',
    )
  }
  // What is kept in the browser belongs to one origin: `localhost` has another store than `127.0.0.1`.
  if (location.origin + location.pathname !== home) return location.replace(home)
  if (!isSecureContext) {
    return trouble('Browsers give pages no cryptography over plain http. Use https, or http://127.0.0.1.')
  }

  byId('demo', HTMLDivElement).hidden = false
  const tab = await takeTabNumber()
  const channel = demoChannel()
  let tabs: readonly number[] = [tab]
  const log = eventLog(tab, channel, () => render())
  const session = demoSession({ issuer, clientId, redirectUri: home, tab, log, channel })
  const { client, network } = session
  const burglar = thief(tokenEndpoint, clientId, log)

  function render(): void {
    const loot = burglar.loot()
    show({
      events: log.events(),
      signedIn: current() !== undefined,
      tab,
      tabs,
      offline: network.offline,
      reallyOffline: !navigator.onLine,
      loot: loot?.grant === current()?.grant ? loot?.generation : undefined,
    })
  }

  function onClick(id: string, work: () => void | Promise<void>): void {
    byId(id, HTMLElement).addEventListener('click', () => {
      byId('trouble', HTMLParagraphElement).hidden = true
      Promise.resolve(work()).catch(reportError).finally(render)
    })
  }

  async function showAnswer(request: string, init?: RequestInit): Promise<void> {
    const answer = await session.call(request, init)
    byId('answer-part', HTMLDivElement).hidden = false
    setText('answer', answer)
  }

  onClick('sign-in', () => client.signIn())
  onClick('sign-out', () =>
    client.signOut().catch(() => {
      trouble('Signed out here. The server could not be reached: there the grant lives on until it expires.')
    }),
  )
  onClick('refresh', session.refresh)
  onClick('refresh-all', session.refreshInAllTabs)
  onClick('call-me', () => showAnswer('GET /api/me'))
  onClick('call-notes', () => showAnswer('GET /api/notes'))
  byId('add-note', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault()
    const body = JSON.stringify({ text: byId('note', HTMLInputElement).value })
    const headers = { 'content-type': 'application/json' }
    void showAnswer('POST /api/notes', { body, headers }).catch(reportError).finally(render)
  })
  onClick('lose', async () => {
    network.loseNextAnswer = true
    await session.refresh()
  })
  onClick('offline', async () => {
    network.offline = !network.offline
    log.add({ kind: network.offline ? 'offline' : 'online' })
    if (!network.offline) await session.resume()
  })
  onClick('steal', burglar.steal)
  onClick('owner-refresh', session.refresh)
  onClick('replay', async () => {
    if ((await burglar.replay()) === 'got tokens') return
    await new Promise((resolve) => setTimeout(resolve, ownersNextRequestMs))
    await session.refresh()
  })
  for (const name of ['online', 'offline'] as const) {
    addEventListener(name, () => {
      log.add({ kind: name })
      if (name === 'online') void session.resume().catch(reportError)
    })
  }
  addEventListener('resize', render)
  setInterval(() => {
    void openTabs().then((numbers) => {
      tabs = numbers
      render()
    })
  }, 1000)

  await client.handleCallback().catch(reportError)
  const found = current()
  if (found !== undefined && !log.events().some(({ grant }) => grant === found.grant)) {
    log.add({ kind: 'found', generation: found.generation }, { grant: found.grant })
  }
  tabs = await openTabs()
  render()
}

function reportError(error: unknown): void {
  if (!(error instanceof ClientError)) throw error
  trouble(
    error.code === 'unavailable'
      ? 'The server cannot be reached. Try again when it can.'
      : error.code === 'sign_in_failed'
        ? signInTrouble(error)
        : error.message,
  )
}

function signInTrouble({ message, oauthError }: ClientError): string {
  if (oauthError === 'access_denied') return 'You have denied the request, so this page has got no tokens.'
  return oauthError === undefined
    ? `The sign-in did not succeed. ${message}`
    : `The sign-in did not succeed: the server answered ${oauthError}.`
}

function trouble(text: string): void {
  byId('trouble', HTMLParagraphElement).hidden = false
  setText('trouble', text)
}

start().catch((error: unknown) => {
  trouble('The demo could not start. Load the page again.')
  throw error
})
