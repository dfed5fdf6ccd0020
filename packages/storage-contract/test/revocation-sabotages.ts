import { grantRecord, isLive, isSelected, revocation, revokedRecord, tombstone } from '@oauth-ratchet/core'
import type { GrantRecord, Revocation, RevokeOptions } from '@oauth-ratchet/core'

import type { NaiveStorage } from './naive-storage.js'
import { selectsBlindTo } from './revocation-race-sabotages.js'
import type { Sabotage } from './sabotage.js'

interface RevokeCall {
  readonly id: string
  readonly before: GrantRecord | undefined
  readonly revoked: Revocation
  readonly options: Pick<RevokeOptions, 'subjectHashes' | 'expected' | 'keepUntil'>
}

type Outcome = ReturnType<typeof revocation>

/** Makes something else of the right outcome of a revocation. */
function comesTo(wrong: (right: Outcome, call: RevokeCall) => Outcome): (storage: NaiveStorage) => void {
  return ({ rules }) => {
    rules.revocation = (id, before, revoked, options) =>
      wrong(revocation(id, before, revoked, options), { id, before, revoked, options })
  }
}

/** Writes something else than the revoked record, one by one and by subject. */
function leaves(
  wrong: (after: GrantRecord, before: GrantRecord) => GrantRecord,
): (storage: NaiveStorage) => void {
  return (storage) => {
    comesTo((right, { before }) =>
      right.after && before ? { ...right, after: wrong(right.after, before) } : right,
    )(storage)
    storage.rules.revokedRecord = (record, revoked, keepUntil) =>
      wrong(revokedRecord(record, revoked, keepUntil), record)
  }
}

/** Compares something else than the caller expects. */
function expects(
  wrong: (right: NonNullable<RevokeOptions['expected']>) => RevokeOptions['expected'],
): (storage: NaiveStorage) => void {
  return ({ rules }) => {
    rules.revocation = (id, before, revoked, { expected, ...options }) => {
      const compared = before && expected ? wrong(expected) : expected
      return revocation(id, before, revoked, { ...options, ...(compared && { expected: compared }) })
    }
  }
}

export const revocationSabotages: readonly Sabotage[] = [
  {
    name: 'revokes without being atomic',
    foundBy: 'of many revocations of one grant exactly one ends it, and its reason stays',
    breaks: ({ yieldsIn }) => yieldsIn.add('revoke'),
  },
  {
    name: 'lets a turn overwrite a revocation',
    foundBy: 'a revocation stays, whatever is done to the grant at the same time',
    breaks: ({ yieldsIn }) => yieldsIn.add('turn'),
  },
  {
    name: 'lets a create overwrite a revocation',
    foundBy: 'a grant that is created while its id is being revoked is never live afterwards',
    breaks: ({ yieldsIn }) => yieldsIn.add('create'),
  },
  {
    name: 'ends grants by subject without being atomic',
    foundBy: "of several walks that end a subject's grants at once each grant is answered to one",
    breaks: ({ yieldsIn }) => yieldsIn.add('revokeBySubject'),
  },
  {
    name: 'lets a turn overwrite what a walk has ended',
    foundBy: 'no grant of a subject outlives a walk that ends them, however fast they are refreshed',
    breaks: ({ yieldsIn }) => yieldsIn.add('turn'),
  },
  {
    name: 'keeps the sealed facts of a revoked grant',
    foundBy: 'nothing that was sealed stays of a revoked grant',
    breaks: leaves((after, { facts }) => ({ ...after, facts })),
  },
  {
    name: 'keeps where a revoked grant was last seen',
    foundBy: 'a live grant is ended: it keeps what late tokens are judged by and loses what was sealed',
    breaks: leaves((after, { seen }) => grantRecord({ ...after, seen })),
  },
  {
    name: 'keeps sealed facts of grants that are ended by subject',
    foundBy: "nothing that was sealed stays of a subject's grants that were ended together",
    breaks: leaves((after, { facts }) => ({ ...after, facts })),
  },
  {
    name: 'forgets what late tokens are judged by',
    foundBy: 'a live grant is ended: it keeps what late tokens are judged by and loses what was sealed',
    breaks: leaves((after) => ({ ...after, nonce: '' })),
  },
  {
    name: 'keeps a revoked grant for its old lifetime',
    foundBy: 'every live grant of the subject is ended, codes too, and answered as it was',
    breaks: leaves((after, { expiresAt }) => ({ ...after, expiresAt })),
  },
  {
    name: 'does not end codes',
    foundBy: 'an unredeemed code is ended too',
    breaks: comesTo((right, { before }) => (before?.generation === 0 ? { ended: false } : right)),
  },
  {
    name: 'lets a second reason replace the first',
    foundBy: 'a grant is ended once: the first reason, time and caller stay',
    breaks: comesTo((right, { before, revoked, options }) =>
      before?.revoked ? { ended: true, after: revokedRecord(before, revoked, options.keepUntil) } : right,
    ),
  },
  {
    name: 'does not know its own revocation again',
    foundBy: 'the same call run twice by a driver is answered as having ended the grant both times',
    breaks: comesTo((right, { before }) => (before?.revoked ? { ...right, ended: false } : right)),
  },
  {
    name: 'forgets a revocation as soon as the first asked for',
    foundBy: 'a revoked grant is kept as long as any of its revocations asked for',
    breaks: comesTo((right, { before }) => (before?.revoked ? { ended: right.ended } : right)),
  },
  {
    name: 'leaves no tombstone',
    foundBy: 'a revocation of an absent id leaves a tombstone',
    breaks: comesTo((right, { before }) => (before === undefined ? { ended: false } : right)),
  },
  {
    name: 'takes a tombstone for an ending',
    foundBy: 'a tombstone is not an ending, however often its call is run',
    breaks: comesTo((right, { before, revoked }) => ({
      ...right,
      ended: right.ended || before?.revoked?.by === revoked.by,
    })),
  },
  {
    name: 'creates over a tombstone',
    foundBy: 'a tombstone keeps a sign-in or a refresh in flight from bringing the grant to life',
    breaks: ({ grants }) => {
      const create = grants.create.bind(grants)
      grants.create = async (record) => {
        if (grants.records.get(record.id)?.clientId === '') grants.records.delete(record.id)
        return create(record)
      }
    },
  },
  {
    name: 'ends what has expired',
    foundBy: 'an expired grant is not ended, and a tombstone takes its place',
    breaks: comesTo((right, { before, revoked, options }) =>
      before && !before.revoked && !isLive(before, revoked.at)
        ? { ended: true, after: revokedRecord(before, revoked, options.keepUntil) }
        : right,
    ),
  },
  {
    name: 'leaves an old tombstone as it is',
    foundBy: 'a revocation that comes after the end of an earlier one is kept as long as it asked for',
    breaks: comesTo((right, { before }) => (before?.clientId === '' ? { ended: false } : right)),
  },
  {
    name: 'ends a grant whoever it belongs to',
    foundBy: "a revocation for a subject leaves another subject's grant alone",
    breaks: ({ rules }) => {
      rules.revocation = (id, before, revoked, { keepUntil, subjectHashes }) =>
        revocation(
          id,
          before,
          revoked,
          before && subjectHashes ? { keepUntil, subjectHashes: [before.subjectHash] } : { keepUntil },
        )
    },
  },
  {
    name: 'looks at the first hash of a subject only',
    foundBy: "a revocation for a subject ends that subject's grant",
    breaks: ({ rules }) => {
      rules.revocation = (id, before, revoked, options) =>
        revocation(id, before, revoked, {
          ...options,
          ...(options.subjectHashes && { subjectHashes: options.subjectHashes.slice(0, 1) }),
        })
    },
  },
  {
    name: 'leaves a tombstone for a subject that has no such grant',
    foundBy: 'a revocation for a subject leaves no tombstone for an absent id, and none for an expired grant',
    breaks: comesTo((right, { id, before, revoked, options }) =>
      before === undefined ? { ended: false, after: tombstone(id, revoked, options.keepUntil) } : right,
    ),
  },
  {
    name: 'ends a grant whatever its nonce has become',
    foundBy: 'a revocation leaves a grant alone that has been refreshed since the caller read it',
    breaks: expects(({ revision }) => (revision === undefined ? undefined : { revision })),
  },
  {
    name: 'ends a grant whatever its revision has become',
    foundBy: 'a revocation leaves a grant alone that has been amended since the caller read it',
    breaks: expects(({ nonce }) => (nonce === undefined ? undefined : { nonce })),
  },
  {
    name: 'expects what the grant has no longer after its revocation',
    foundBy:
      'a revocation that expects what the caller has read ends the grant, also when a driver runs it twice',
    breaks: comesTo((right, { before, options }) =>
      before?.revoked && options.expected ? { ...right, ended: false } : right,
    ),
  },
  {
    name: 'leaves a tombstone for a grant of which something is expected',
    foundBy: 'a revocation that expects something leaves no tombstone for an absent id',
    breaks: comesTo((right, { id, before, revoked, options }) =>
      before === undefined ? { ended: false, after: tombstone(id, revoked, options.keepUntil) } : right,
    ),
  },
  {
    name: 'lets a turn overwrite a revocation now and then',
    foundBy:
      'nothing of a grant is alive after a revocation that raced its refreshes, in thousands of rounds',
    breaks: ({ yieldsIn }) => yieldsIn.add('turn'),
  },
  {
    name: 'ends every grant',
    foundBy: 'a revocation touches no other grant',
    breaks: ({ rules, grants }) => {
      rules.revocation = (id, before, revoked, options) => {
        for (const [other, record] of grants.records) {
          grants.records.set(other, revokedRecord(record, revoked, options.keepUntil))
        }
        return revocation(id, before, revoked, options)
      }
    },
  },
  ...(['clientId', 'sessionHash', 'except', 'createdBefore'] as const).map((condition): Sabotage => {
    const foundBy = {
      clientId: 'a filter for one client ends those and no other',
      sessionHash: 'a filter for one session ends those and no other',
      except: 'a filter for all but one ends those and no other',
      createdBefore: 'a filter for those created before a time ends those and no other',
    }
    return {
      name: `ends by subject without looking at ${condition}`,
      foundBy: foundBy[condition],
      breaks: ({ rules }) => {
        rules.isSelected = selectsBlindTo(condition)
      },
    }
  }),
  {
    name: 'ends what nothing fits',
    foundBy: 'a filter for what nothing fits ends those and no other',
    breaks: ({ rules }) => {
      rules.isSelected = (record, filter) => filter.clientId === 'client-c' || isSelected(record, filter)
    },
  },
  {
    name: 'looks at one condition of a filter only',
    foundBy: 'a filter for one session of one client ends those and no other',
    breaks: ({ rules }) => {
      rules.isSelected = (record, filter) => {
        const { clientId, ...rest } = filter
        const both = clientId !== undefined && filter.sessionHash !== undefined
        return isSelected(record, both ? rest : filter)
      }
    },
  },
  {
    name: 'takes the time in a filter to be included',
    foundBy: 'a filter for one client, all but one, before a time ends those and no other',
    breaks: ({ rules }) => {
      rules.isSelected = (record, { createdBefore, ...filter }) =>
        isSelected(
          record,
          createdBefore === undefined ? filter : { ...filter, createdBefore: createdBefore + 1 },
        )
    },
  },
  {
    name: 'answers grants that had ended before',
    foundBy: 'grants that had ended or expired before are neither answered nor changed',
    breaks: ({ rules }) => {
      rules.isSelected = (record, filter) =>
        isSelected(record, { ...filter, by: record.revoked?.by ?? filter.by })
    },
  },
  {
    name: 'answers nothing to a driver that sends a page twice',
    foundBy: 'a page run twice by a driver is answered with the grants that it ended both times',
    breaks: ({ rules }) => {
      rules.isSelected = (record, filter) => isLive(record, filter.at) && isSelected(record, filter)
    },
  },
]
