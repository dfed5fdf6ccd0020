import type { AuthorizationServer } from '@oauth-ratchet/core'
import type { ServerResponse } from 'node:http'
import type { Warn } from '../caller/warn-once.js'

/** What it takes to warn of a browser that waits. */
export interface AnswerWatch {
  readonly server: AuthorizationServer
  readonly warn: Warn
}

/**
 * Warns when a callback of the app's leaves the browser without an answer for longer than `callbackTimeout`: it has not
 * settled, or gave nothing and sent nothing. The request is not cut, for a callback may take its time.
 *
 * @returns ends the watch: the callback has given something to go on with
 */
export function watchAnswer(
  { server, warn }: AnswerWatch,
  res: ServerResponse,
  callback: string,
): () => void {
  const { callbackTimeoutMs } = server.settings
  const timer = setTimeout(() => {
    warn(
      'OAUTH_RATCHET_NO_ANSWER',
      `${callback} was called ${callbackTimeoutMs / 1000} s ago, and the browser is still waiting. It must give a ` +
        'result, or give nothing and send a response itself: a redirect to your login page, say. Does a promise in ' +
        'it never settle, or a branch neither return nor respond?',
    )
  }, callbackTimeoutMs)
  timer.unref()
  const stop = (): void => clearTimeout(timer)
  res.once('close', stop)
  return stop
}
