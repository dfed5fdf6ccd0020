import { askAgain, outcomeOf, served } from './flow.js'
import type { Flow } from './flow.js'
import { clientA } from './test-server.js'
import { expectAlive, expectDead, idOfGrant, issue } from './tokens.js'

/** What the app calls by itself. */
export const appFlows: Record<string, Flow> = {
  'grants.revoke': {
    calls: { 'grants.revoke': served },
    prepare: async (at) => {
      const tokens = await issue(at)
      return {
        run: () => outcomeOf(() => at.server.grants.revoke(idOfGrant(tokens), { subject: 'u1' })),
        done: async (answer) => {
          expect(answer.body).toEqual({ result: true })
          // Raised once; without the subject where the answer that still had it was lost.
          expect(at.events('grant.revoked')).toMatchObject([{ reason: 'revoked' }])
          await expectDead(at, tokens)
        },
      }
    },
  },
  'grants.revokeAll of a subject': {
    calls: { 'values.peek': served, 'values.stash': served, 'grants.revokeBySubject': served },
    prepare: async (at) => {
      const tokens = await issue(at)
      return {
        run: () => outcomeOf(() => at.server.grants.revokeAll({ subject: 'u1' })),
        done: () => expectDead(at, tokens),
      }
    },
  },
  'grants.revokeAll of a client': {
    calls: { 'grants.scan': askAgain, 'grants.revoke': served },
    prepare: async (at) => {
      const tokens = await issue(at)
      return {
        run: () => outcomeOf(() => at.server.grants.revokeAll({ clientId: clientA.client_id })),
        done: () => expectDead(at, tokens),
      }
    },
  },
  'grants.update': {
    calls: { 'grants.find': askAgain, 'grants.amend': askAgain },
    prepare: async (at) => {
      const tokens = await issue(at)
      const id = idOfGrant(tokens)
      return {
        run: () => outcomeOf(() => at.server.grants.update(id, { metadata: { device: 'phone' } })),
        done: async () => {
          expect(await at.server.grants.get(id)).toMatchObject({ metadata: { device: 'phone' } })
          await expectAlive(at, tokens)
        },
      }
    },
  },
  'grants.list': {
    calls: { 'grants.listBySubject': askAgain },
    prepare: async (at) => {
      await issue(at)
      return {
        run: () => outcomeOf(() => at.server.grants.list({ subject: 'u1' })),
        done: async (answer) => expect(answer.body['result']).toHaveLength(1),
      }
    },
  },
}
