import type { IncomingMessage, ServerResponse } from 'node:http'
import { lookFor } from '../authorization/show-error.js'
import { readForm } from '../messages/read-form.js'
import { readRequest } from '../messages/read-request.js'
import { html } from '../pages/html.js'
import { writeSessionsPage } from './sessions-page.js'
import type { SessionsNotice } from './sessions-page.js'
import { pageHeaders } from '../pages/write-page.js'
import { writeResponse } from '../messages/write-response.js'
import { endOne, endOthers } from './end-sessions.js'
import { formTokenField, giveFormToken, isOwnFormToken } from './form-token.js'
import { listSessions } from './list-sessions.js'
import { mayBeOwnForm } from '../guard/own-page.js'
import type { SessionOwner } from './session-owner.js'
import { deviceInWords } from './sessions-context.js'
import type { SessionsContext } from './sessions-context.js'

/** Shows the page. */
export async function answerPage<Req extends IncomingMessage, Res extends ServerResponse>(
  context: SessionsContext<Req, Res>,
  owner: SessionOwner,
  req: Req,
  res: Res,
  query: URLSearchParams,
  notice = noticeIn(query),
): Promise<void> {
  const { server, describeDevice } = context
  const look = lookFor(context, req)
  const { sessions, cursor } = await listSessions(server, owner, query)
  const token = giveFormToken(server, req, res, owner.subject)
  res.appendHeader('vary', 'Accept')
  writeSessionsPage(res, {
    look,
    sessions,
    deviceOf: (userAgent) => deviceInWords(describeDevice, look, userAgent),
    name: owner.name,
    formToken: html`<input type="hidden" name="${formTokenField}" value="${token}" />`,
    notice,
    more: cursor === undefined ? undefined : new URLSearchParams({ cursor }).toString(),
    first: !query.has('cursor'),
    knowsCurrent: owner.session !== undefined || owner.grantId !== undefined,
    now: server.settings.now(),
  })
}

/**
 * Takes a form of the page, and sends the browser back to it, so that a reload posts nothing again. A form that is not of
 * this browser and user ends nothing: the page is shown, and says so.
 */
export async function answerForm<Req extends IncomingMessage, Res extends ServerResponse>(
  context: SessionsContext<Req, Res>,
  owner: SessionOwner,
  req: Req,
  res: Res,
): Promise<void> {
  const { server } = context
  const request = await readRequest(req, { ...context, clientAddress: () => undefined })
  if (request === undefined) return
  const form = readForm(request)
  const token = form.get(formTokenField) ?? ''
  if (!mayBeOwnForm(req) || !isOwnFormToken(server, req, owner.subject, token)) {
    return answerPage(context, owner, req, res, new URLSearchParams(), 'stale')
  }
  const done =
    form.get('end') === 'others'
      ? { ended_others: String(await endOthers(server, owner)) }
      : { ended: (await endOne(server, owner, form.get('id') ?? '')) ? '1' : '0' }
  writeResponse(res, {
    status: 303,
    // Relative, since nobody here knows where a proxy shows the page.
    headers: { ...pageHeaders, location: `?${new URLSearchParams(done).toString()}` },
    body: '',
  })
}

/** What the address that the browser was sent back to says. */
function noticeIn(query: URLSearchParams): SessionsNotice | undefined {
  const others = query.get('ended_others')
  if (others !== null && /^\d{1,9}$/.test(others)) return { endedOthers: Number(others) }
  const ended = query.get('ended')
  return ended === '1' ? 'ended' : ended === '0' ? 'gone' : undefined
}
