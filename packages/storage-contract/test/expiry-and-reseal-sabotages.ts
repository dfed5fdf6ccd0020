import { grantRecord, turnRecord } from '@oauth-ratchet/core'

import { writes } from './broken-turns.js'
import type { Sabotage } from './sabotage.js'

export const expiryAndResealSabotages: readonly Sabotage[] = [
  {
    name: 'does not cap by the absolute limit',
    foundBy: 'a grant that turns again and again never outlives its absolute limit',
    breaks: writes((after, before, now) => ({
      ...after,
      expiresAt: before.idleLifetime === null ? after.expiresAt : now + before.idleLifetime,
    })),
  },
  {
    name: 'ignores the cap of the turn',
    foundBy: 'after a turn a grant lives until the cap where it is shorter',
    breaks: ({ rules }) => {
      rules.turnRecord = (record, now, next) => turnRecord(record, now, { ...next, maxIdleLifetime: null })
    },
  },
  {
    name: 'takes the cap for the limit',
    foundBy: 'after a turn a grant lives until its own idle limit where the cap is longer',
    breaks: ({ rules }) => {
      rules.turnRecord = (record, now, next) =>
        turnRecord({ ...record, idleLifetime: next.maxIdleLifetime ?? record.idleLifetime }, now, next)
    },
  },
  {
    name: 'makes the cap the limit of the grant',
    foundBy: 'a cap shortens one turn and leaves the idle limit of the grant as it is',
    breaks: writes((after, _before, _now, next) => ({
      ...after,
      idleLifetime: next.maxIdleLifetime ?? after.idleLifetime,
    })),
  },
  {
    name: 'ignores the absolute cap of the turn',
    foundBy: 'after a turn a grant lives until the absolute cap where that is the soonest',
    breaks: ({ rules }) => {
      rules.turnRecord = (record, now, next) =>
        turnRecord(record, now, { ...next, maxAbsoluteLifetime: null })
    },
  },
  {
    name: 'takes the absolute cap for the absolute limit',
    foundBy: 'after a turn a grant lives until its absolute limit where the absolute cap is later',
    breaks: ({ rules }) => {
      rules.turnRecord = (record, now, next) => {
        const { maxAbsoluteLifetime } = next
        const after = turnRecord(record, now, next)
        const absoluteExpiresAt =
          maxAbsoluteLifetime === null ? record.absoluteExpiresAt : record.createdAt + maxAbsoluteLifetime
        const { expiresAt } = turnRecord({ ...record, absoluteExpiresAt }, now, next)
        return { ...after, expiresAt }
      }
    },
  },
  {
    name: 'caps an absolute limit only where there is one',
    foundBy: 'after a turn a grant lives until the absolute cap where it has no absolute limit',
    breaks: ({ rules }) => {
      rules.turnRecord = (record, now, next) =>
        turnRecord(
          record,
          now,
          record.absoluteExpiresAt === null ? { ...next, maxAbsoluteLifetime: null } : next,
        )
    },
  },
  {
    name: 'caps nothing in a grant without an idle limit',
    foundBy: 'after a turn a grant lives until the absolute cap where it has no idle limit',
    breaks: ({ rules }) => {
      rules.turnRecord = (record, now, next) =>
        turnRecord(record, now, record.idleLifetime === null ? { ...next, maxAbsoluteLifetime: null } : next)
    },
  },
  {
    name: 'counts the absolute cap from the turn',
    foundBy: 'after a turn a grant lives until the absolute cap where that is the soonest',
    breaks: ({ rules }) => {
      rules.turnRecord = (record, now, next) => ({
        ...turnRecord({ ...record, createdAt: now }, now, next),
        createdAt: record.createdAt,
      })
    },
  },
  {
    name: 'makes the absolute cap the limit of the grant',
    foundBy: 'an absolute cap shortens one turn and leaves the absolute limit of the grant as it is',
    breaks: writes((after, before, _now, { maxAbsoluteLifetime: cap }) =>
      cap === null ? after : { ...after, absoluteExpiresAt: before.createdAt + cap },
    ),
  },
  {
    name: 'refuses to turn past the absolute cap',
    foundBy: 'an absolute cap that is over already lets the turn happen, and the grant is expired afterwards',
    breaks: ({ grants }) => {
      const turn = grants.turn.bind(grants)
      grants.turn = async (id, expected, next) => {
        const grant = grants.records.get(id)
        const over = (grant?.createdAt ?? 0) + (next.maxAbsoluteLifetime ?? Infinity) <= expected.now
        return over ? { turned: false, grant } : turn(id, expected, next)
      }
    },
  },
  {
    name: 'takes no idle limit for none left',
    foundBy: 'after a turn a grant lives until its absolute limit where it has no idle one',
    breaks: writes((after, before, now) => ({
      ...after,
      expiresAt: before.idleLifetime === null ? now : after.expiresAt,
    })),
  },
  {
    name: 'takes no absolute limit for none left',
    foundBy: 'after a turn a grant lives until its idle limit where it has no absolute one',
    breaks: writes((after, before, now) => ({
      ...after,
      expiresAt: before.absoluteExpiresAt === null ? now : after.expiresAt,
    })),
  },
  {
    name: 'keeps times to fourteen digits',
    foundBy: 'after a turn a grant lives until a far absolute limit, to the millisecond',
    breaks: writes((after) => ({ ...after, expiresAt: Number(after.expiresAt.toPrecision(14)) })),
  },
  {
    name: 'grows with every turn',
    foundBy: 'a record is as large after hundreds of turns as after one',
    breaks: writes((after, before) => ({ ...after, facts: `${before.facts}+` })),
  },
  {
    name: 'keeps a copy of every generation',
    foundBy: 'what is stored is as large after hundreds of turns as after one',
    breaks: ({ grants, values, rules }) => {
      rules.turnRecord = (record, now, next) => {
        const kept = JSON.stringify(record)
        values.values.set(`old ${record.nonce}`, { value: kept, expiresAt: grants.records.size })
        return turnRecord(record, now, next)
      }
    },
  },
  {
    name: 'replaces sealed facts whatever their revision',
    foundBy: 'facts sealed from an old revision are left out, and the turn happens all the same',
    breaks: ({ rules }) => {
      rules.turnRecord = (record, now, { reseal, ...next }) =>
        turnRecord(record, now, reseal ? { ...next, reseal: { ...reseal, revision: record.revision } } : next)
    },
  },
  {
    name: 'never replaces sealed facts',
    foundBy:
      'a turn with facts sealed anew replaces them and the hashes beside them, and counts the revision',
    breaks: ({ rules }) => {
      rules.turnRecord = (record, now, next) => turnRecord({ ...record, revision: -1 }, now, next)
    },
  },
  {
    name: 'seals anew without counting the revision',
    foundBy: 'facts are sealed anew once, however often the turn is run',
    breaks: writes((after, before) => ({ ...after, revision: before.revision })),
  },
  {
    name: 'keeps the session of the facts before',
    foundBy: 'facts sealed anew without a session leave none',
    breaks: writes((after, before) => grantRecord({ ...after, sessionHash: before.sessionHash })),
  },
  {
    name: 'does not move a grant to its new subject hash',
    foundBy: 'a grant that was sealed anew is listed under its new hash only',
    breaks: writes((after, before) => ({ ...after, subjectHash: before.subjectHash })),
  },
  {
    name: 'seals anew even where it refuses the turn',
    foundBy: 'a turn that is refused seals nothing anew',
    breaks: ({ grants }) => {
      const turn = grants.turn.bind(grants)
      grants.turn = async (id, expected, next) => {
        const result = await turn(id, expected, next)
        const { grant, turned } = result
        if (turned || grant === undefined || next.reseal === undefined) return result
        const resealed = { ...grant, ...next.reseal, revision: grant.revision + 1 }
        grants.records.set(id, resealed)
        return result
      }
    },
  },
]
