import { createClient } from '@oauth-ratchet/client'
import type { ClientOptions } from '@oauth-ratchet/client'
import { observe } from './observed-client.js'

/** The program of a page whose server is of another origin: a client with the options that stand in the page. */
const options = JSON.parse(document.getElementById('options')?.textContent ?? '') as ClientOptions
const client = createClient(options)
const { events, ask } = observe(client)

Object.assign(globalThis, { client, events, ask })
