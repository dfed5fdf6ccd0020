import type { Storage } from '@oauth-ratchet/core'
import { authorizationQuery, codeOf, redemption } from './authorization.js'
import { askAgain, foundOut, liveGrants, outcomeOf, served } from './flow.js'
import type { Attempt, Flow } from './flow.js'
import { clientA, clientC, confidentialSecret, secret, startServer, olderSecret } from './test-server.js'
import type { TestServer } from './test-server.js'
import { expectAlive, expectDead, idOfGrant, issue, tokensOf } from './tokens.js'

const clientCForm = { client_id: clientC.client_id, client_secret: confidentialSecret }
/** What clients and browsers ask for. */
export const clientFlows: Record<string, Flow> = {
  'a refresh': {
    calls: { 'grants.turn': foundOut },
    prepare: (at) => refreshing(at),
  },
  'a refresh with an idempotency key': {
    calls: { 'grants.turn': foundOut },
    prepare: (at) => refreshing(at, {}, { 'idempotency-key': 'k1' }),
  },
  'a refresh with a scope': {
    calls: { 'grants.find': askAgain, 'grants.turn': foundOut },
    prepare: (at) => refreshing(at, { scope: 'read' }),
  },
  'a refresh with isSubjectActive': {
    options: { isSubjectActive: () => true },
    calls: { 'grants.find': askAgain, 'grants.turn': foundOut },
    prepare: (at) => refreshing(at),
  },
  'a refresh of a session from before the rotation of secrets': {
    options: { secrets: [secret, olderSecret] },
    calls: { 'grants.find': askAgain, 'grants.turn': foundOut },
    prepare: async (at) => refreshing(at, {}, {}, await underOlderSecret(at.storage, at.clock.now)),
  },
  'a code exchange': {
    calls: {
      'grants.find': askAgain,
      'grants.turn': foundOut,
      'values.peek': served,
      'grants.listBySubject': served,
    },
    prepare: async (at) => {
      const code = await codeOf(at)
      return {
        run: () => at.token(redemption(code)),
        done: (answer) => expectAlive(at, tokensOf(answer)),
      }
    },
  },
  'an authorization': {
    calls: { 'grants.create': foundOut },
    liveBefore: 0,
    prepare: async (at) => ({
      run: () => outcomeOf(() => codeOf(at, authorizationQuery())),
      done: async (answer) => {
        expect(await at.token(redemption(String(answer.body['result'])))).toMatchObject({ status: 200 })
        expect(await liveGrants(at.storage)).toHaveLength(1)
      },
    }),
  },
  'first tokens after a login of the app’s own': {
    calls: { 'grants.create': foundOut, 'values.peek': served, 'grants.listBySubject': served },
    liveBefore: 0,
    prepare: async (at) => ({
      run: () => outcomeOf(() => issue(at)),
      done: async (answer) => {
        await expectAlive(at, answer.body['result'] as object)
        expect(await liveGrants(at.storage)).toHaveLength(1)
      },
    }),
  },
  'first tokens at the limit of grants': {
    options: { refreshToken: { maxPerSubjectAndClient: 1 } },
    calls: {
      'grants.create': foundOut,
      'values.peek': served,
      'grants.listBySubject': served,
      'grants.revoke': served,
    },
    prepare: async (at) => {
      await issue(at)
      at.clock.advance(1)
      return {
        run: () => outcomeOf(() => issue(at)),
        done: async (answer) => expectAlive(at, answer.body['result'] as object),
      }
    },
  },
  'a password grant': {
    options: { authenticateUser: () => ({ subject: 'u1' }) },
    calls: { 'grants.create': foundOut, 'values.peek': served, 'grants.listBySubject': served },
    liveBefore: 0,
    prepare: async (at) => ({
      run: () => at.token({ grant_type: 'password', username: 'u1', password: 'p', ...clientCForm }),
      done: async (answer) => {
        await expectAlive(at, { access_token: tokensOf(answer).access_token })
        expect(await liveGrants(at.storage)).toHaveLength(1)
      },
    }),
  },
  'revoking a refresh token': {
    calls: { 'grants.find': askAgain, 'grants.revoke': served },
    prepare: async (at) => {
      const tokens = await issue(at)
      return {
        run: () => at.revoke({ token: tokens.refresh_token, client_id: clientA.client_id }),
        done: () => expectDead(at, tokens),
      }
    },
  },
  'revoking an access token': {
    calls: { 'grants.find': askAgain, 'grants.renewAccessNonce': askAgain },
    prepare: async (at) => {
      const { access_token, refresh_token } = await issue(at)
      return {
        run: () => at.revoke({ token: access_token, client_id: clientA.client_id }),
        done: async () => {
          await expectDead(at, { access_token })
          await expectAlive(at, { refresh_token })
        },
      }
    },
  },
  'revoking a client-credentials token': {
    calls: { 'values.isMarked': askAgain, 'values.mark': askAgain },
    liveBefore: 0,
    prepare: async (at) => {
      const token = String(
        (await at.token({ grant_type: 'client_credentials', ...clientCForm })).body['access_token'],
      )
      return {
        run: () => at.revoke({ token, ...clientCForm }),
        done: () => expectDead(at, { access_token: token }),
      }
    },
  },
  'introspecting an access token': {
    calls: { 'grants.find': askAgain },
    prepare: async (at) => {
      const { access_token } = await issue(at)
      return {
        run: () => at.introspect(access_token),
        done: async (answer) => expect(answer.body).toMatchObject({ active: true }),
      }
    },
  },
  'introspecting a refresh token': {
    calls: { 'grants.find': askAgain },
    prepare: async (at) => {
      const { refresh_token } = await issue(at)
      // The server that answers this is another one, and reads at its start.
      await at.introspect(refresh_token)
      return {
        run: () => at.introspect(refresh_token),
        done: async (answer) => expect(answer.body).toMatchObject({ active: true }),
      }
    },
  },
  'checking an access token in the app': {
    calls: { 'grants.find': askAgain },
    prepare: async (at) => {
      const { access_token } = await issue(at)
      return {
        run: () => outcomeOf(() => at.server.tokens.verify(access_token)),
        done: async (answer) => expect(answer.body).toMatchObject({ result: { subject: 'u1' } }),
      }
    },
  },
}

async function refreshing(
  at: TestServer,
  form: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
  refreshToken?: string,
): Promise<Attempt> {
  const token = refreshToken ?? (await issue(at)).refresh_token
  return {
    run: () => at.refresh(token, form, { headers }),
    done: async (answer) => {
      const second = tokensOf(answer)
      await expectAlive(at, second)
      const id = idOfGrant(second)
      expect(at.events('grant.turned')).toMatchObject([{ grantId: id, generation: 2 }])
      expect(await at.refresh(second.refresh_token)).toMatchObject({ status: 200 })
    },
  }
}

async function underOlderSecret(storage: Storage, now: () => number): Promise<string> {
  const before = startServer({ storage, now, secrets: [olderSecret] })
  return (await issue(before)).refresh_token
}
