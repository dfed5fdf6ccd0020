import { grantRecord, isTurnable, turnRecord } from '@oauth-ratchet/core'

import { overlooks, without, writes } from './broken-turns.js'
import type { Sabotage } from './sabotage.js'

export const turnSabotages: readonly Sabotage[] = [
  {
    name: 'turns without being atomic',
    foundBy: 'of many turns that expect the same exactly one happens, and the others are answered with it',
    breaks: ({ yieldsIn }) => yieldsIn.add('turn'),
  },
  {
    name: 'caps grants with offline access like all others',
    foundBy: 'the caps of a turn for offline access are those of grants that have it, and of no others',
    breaks: ({ rules }) => {
      rules.turnRecord = (record, now, next) => turnRecord(record, now, { ...next, offline: next })
    },
  },
  {
    name: 'caps grants with offline access only where a turn has caps for them',
    foundBy: 'a turn without caps for offline access caps every grant alike, sealed anew or not',
    breaks: ({ rules }) => {
      const none = { maxIdleLifetime: null, maxAbsoluteLifetime: null }
      rules.turnRecord = (record, now, next) => turnRecord(record, now, { offline: none, ...next })
    },
  },
  {
    name: 'turns an earlier generation',
    foundBy: 'a grant does not turn at an earlier generation',
    breaks: overlooks((record, { generation }) => ({ generation: Math.min(record.generation, generation) })),
  },
  {
    name: 'turns a later generation',
    foundBy: 'a grant does not turn at a later generation',
    breaks: overlooks((record, { generation }) => ({ generation: Math.max(record.generation, generation) })),
  },
  {
    name: 'ignores the nonce',
    foundBy: 'a grant does not turn with another nonce',
    breaks: overlooks((_, { nonce }) => ({ nonce })),
  },
  {
    name: 'takes the previous nonce for the current one',
    foundBy: 'a grant does not turn with the previous nonce',
    breaks: overlooks((record, { nonce }) => (record.previousNonce === nonce ? { nonce } : {})),
  },
  {
    name: 'takes an empty nonce for any',
    foundBy: 'a grant does not turn with an empty nonce',
    breaks: overlooks((_, { nonce }) => (nonce === '' ? { nonce } : {})),
  },
  {
    name: 'ignores the client',
    foundBy: 'a grant does not turn for another client',
    breaks: overlooks((_, { clientId }) => ({ clientId })),
  },
  {
    name: 'compares clients without their case',
    foundBy: 'a grant does not turn for a client whose id differs in case only',
    breaks: overlooks((record, { clientId }) =>
      record.clientId.toLowerCase() === clientId.toLowerCase() ? { clientId } : {},
    ),
  },
  {
    name: 'takes any key for the bound one',
    foundBy: 'a grant does not turn with another key than the one the grant is bound to',
    breaks: overlooks((_, { boundKey }) => (boundKey === undefined ? {} : { boundKey })),
  },
  {
    name: 'compares the bound key only when one is presented',
    foundBy: 'a grant does not turn without the key it is bound to',
    breaks: ({ rules }) => {
      rules.isTurnable = (record, expected) =>
        isTurnable(record, {
          ...expected,
          ...(expected.boundKey === undefined && record.boundKey !== undefined
            ? { boundKey: record.boundKey }
            : {}),
        })
    },
  },
  {
    name: 'wants every grant to be bound to the key presented',
    foundBy: 'a grant that is bound to a key turns with that key, and one that is not with any',
    breaks: ({ rules }) => {
      rules.isTurnable = (record, expected) =>
        isTurnable(record, expected) && record.boundKey === expected.boundKey
    },
  },
  {
    name: 'ignores the format',
    foundBy: 'a grant does not turn for a caller that does not know the format',
    breaks: overlooks(() => ({ format: 0 })),
  },
  {
    name: 'wants the format to be the newest',
    foundBy: 'a record turns for a caller that knows its format or a newer one',
    breaks: ({ rules }) => {
      rules.isTurnable = (record, expected) =>
        isTurnable(record, expected) && record.format === expected.maxFormat
    },
  },
  {
    name: 'ignores expiry',
    foundBy: 'a grant does not turn after its expiry',
    breaks: overlooks((_, { now }) => ({ expiresAt: now + 1 })),
  },
  {
    name: 'lets a grant live a millisecond too long',
    foundBy: 'a grant does not turn at the time of its expiry',
    breaks: overlooks(({ expiresAt }) => ({ expiresAt: expiresAt + 1 })),
  },
  {
    name: 'lets a grant end a millisecond too soon',
    foundBy: 'a grant turns up to the last millisecond before its expiry',
    breaks: overlooks(({ expiresAt }) => ({ expiresAt: expiresAt - 1 })),
  },
  {
    name: 'turns a revoked grant',
    foundBy: 'a revoked grant does not turn',
    breaks: ({ rules }) => {
      rules.isTurnable = (record, expected) => isTurnable(without(record, 'revoked'), expected)
    },
  },
  {
    name: 'revives a revoked grant',
    foundBy: 'a revoked grant does not turn',
    breaks: ({ rules }) => {
      rules.isTurnable = (record, expected) => isTurnable(without(record, 'revoked'), expected)
      rules.turnRecord = (record, now, next) => turnRecord(without(record, 'revoked'), now, next)
    },
  },
  {
    name: 'makes a grant out of a turn',
    foundBy: 'an absent grant does not turn, and does not come to be',
    breaks: ({ grants }) => {
      const turn = grants.turn.bind(grants)
      grants.turn = async (id, expected, next) => {
        const { clientId, now, nonce } = { ...expected, ...next }
        if (!grants.records.has(id)) {
          const numbers = { generation: 1, createdAt: now, turnedAt: now, revision: 0, format: 1 }
          const limits = { idleLifetime: 1, absoluteExpiresAt: null, expiresAt: now + 1 }
          const strings = { id, clientId, nonce, subjectHash: '', accessNonce: '', facts: '' }
          grants.records.set(id, { ...strings, ...numbers, ...limits })
        }
        return turn(id, expected, next)
      }
    },
  },
  {
    name: 'forgets the previous nonce',
    foundBy: 'the loser of a turn is answered what its token is judged by',
    breaks: writes((after) => without(after, 'previousNonce')),
  },
  {
    name: 'keeps the first previous nonce for good',
    foundBy: 'only the latest previous nonce is kept',
    breaks: writes((after, before) => ({ ...after, previousNonce: before.previousNonce ?? before.nonce })),
  },
  {
    name: 'loses the key hash',
    foundBy: 'a turn keeps every field that it is not about',
    breaks: writes((after) => without(after, 'keyHash')),
  },
  {
    name: 'keeps the key hash of a turn before where the turn has none',
    foundBy: 'the key hash of a turn becomes the previous one at the next, and leaves with the one after',
    breaks: writes((after, before) => ({ ...before, ...after })),
  },
  {
    name: 'forgets the previous key hash',
    foundBy: 'a turn keeps every field that it is not about',
    breaks: writes((after) => without(after, 'previousKeyHash')),
  },
  {
    name: 'goes up by two generations',
    foundBy: 'a turn moves the generation, the nonces, the times, and nothing else',
    breaks: writes((after) => ({ ...after, generation: after.generation + 1 })),
  },
  {
    name: 'counts generations in 32 bits',
    foundBy: 'a generation beyond 32 bits goes up by one',
    breaks: writes((after) => ({ ...after, generation: after.generation | 0 })),
  },
  {
    name: 'never replaces what was last seen',
    foundBy: 'what was last seen is replaced when the turn says so and stays when it does not',
    breaks: writes((after, before) => grantRecord({ ...after, seen: before.seen })),
  },
  {
    name: 'forgets what was last seen when the turn does not say',
    foundBy: 'what was last seen is replaced when the turn says so and stays when it does not',
    breaks: writes((after, _before, _now, { seen }) => grantRecord({ ...after, seen })),
  },
  {
    name: 'takes a string for a path of its own',
    foundBy: 'strings that mean something to an engine go through a turn as they are',
    breaks: writes((after, before, _now, { seen }) =>
      seen === '$nonce' ? { ...after, seen: before.nonce } : after,
    ),
  },
  {
    name: 'moves a code to an expiry of its own',
    foundBy: 'a code turns into the first refresh token, and its short expiry into the idle limit',
    breaks: writes((after, before) =>
      before.generation === 0 ? { ...after, expiresAt: before.expiresAt } : after,
    ),
  },
  {
    name: 'turns again for the driver that sends a turn twice',
    foundBy:
      'a turn run twice by a driver happens once, and the second answer carries the nonce of its caller',
    breaks: ({ rules, grants }) => {
      rules.isTurnable = (record, expected) =>
        isTurnable(record, expected) ||
        isTurnable({ ...record, nonce: expected.nonce, generation: expected.generation }, expected)
      grants.find = async (id) => grants.records.get(id)
    },
  },
  {
    name: 'tells a loser nothing',
    foundBy: 'the loser of a turn is answered what its token is judged by',
    breaks: ({ grants }) => {
      const turn = grants.turn.bind(grants)
      grants.turn = async (...call) => {
        const result = await turn(...call)
        return result.turned ? result : { turned: false, grant: undefined }
      }
    },
  },
  {
    name: 'turns every grant at once',
    foundBy: 'a turn touches no other grant',
    breaks: ({ grants, rules }) => {
      rules.turnRecord = (record, now, next) => {
        for (const [id, other] of grants.records) grants.records.set(id, turnRecord(other, now, next))
        return turnRecord(record, now, next)
      }
    },
  },
]
