import { amendRecord, isAmendable } from '@oauth-ratchet/core'

import { writes } from './broken-turns.js'
import type { Sabotage } from './sabotage.js'

export const amendSabotages: readonly Sabotage[] = [
  {
    name: 'amends without being atomic',
    foundBy: 'of many amendments of one revision exactly one happens',
    breaks: ({ yieldsIn }) => yieldsIn.add('amend'),
  },
  {
    name: 'renews the access nonce without being atomic',
    foundBy: 'of a turn, a new access nonce and an amendment at once none is lost',
    breaks: ({ yieldsIn }) => yieldsIn.add('renew'),
  },
  {
    name: 'amends a record that a turn changes at the same time',
    foundBy: 'of a turn with facts sealed anew and an amendment neither overwrites the other',
    breaks: ({ yieldsIn }) => {
      yieldsIn.add('amend')
      yieldsIn.add('turn')
    },
  },
  {
    name: 'ignores the revision of an amendment',
    foundBy: 'an amendment of another revision changes nothing and answers the record as it stands',
    breaks: ({ rules }) => {
      rules.isAmendable = (record, _, now) => isAmendable(record, record.revision, now)
    },
  },
  {
    name: 'amends what is not live',
    foundBy: 'only a live grant is amended',
    breaks: ({ rules }) => {
      rules.isAmendable = (record, revision) => record.revision === revision
    },
  },
  {
    name: 'does not count amendments',
    foundBy: 'an amendment run twice by a driver happens once',
    breaks: ({ rules }) => {
      rules.amendRecord = (record, changes) => ({
        ...amendRecord(record, changes),
        revision: record.revision,
      })
    },
  },
  {
    name: 'clears what an amendment does not name',
    foundBy: 'changes that say nothing change nothing but the revision',
    breaks: ({ rules }) => {
      rules.amendRecord = (record, changes) => amendRecord({ ...record, facts: '' }, changes)
    },
  },
  {
    name: 'leaves the expiry where new limits are amended',
    foundBy: 'new limits of a grant: shorter limits bring its end nearer',
    breaks: ({ rules }) => {
      rules.amendRecord = (record, changes) => ({
        ...amendRecord(record, changes),
        expiresAt: record.expiresAt,
      })
    },
  },
  {
    name: 'counts new limits from the amendment',
    foundBy: 'new limits count from the latest turn',
    breaks: ({ rules }) => {
      rules.amendRecord = (record, changes) => ({
        ...amendRecord({ ...record, turnedAt: changes.now }, changes),
        turnedAt: record.turnedAt,
      })
    },
  },
  {
    name: 'counts new limits for a code',
    foundBy: 'new limits of a code leave its short expiry, and count once it is redeemed',
    breaks: ({ rules }) => {
      rules.amendRecord = (record, changes) => ({
        ...amendRecord({ ...record, generation: 1 }, changes),
        generation: record.generation,
      })
    },
  },
  {
    name: 'takes an amended string for a path of its own',
    foundBy: 'strings that mean something to an engine are amended as they are',
    breaks: ({ rules }) => {
      rules.amendRecord = (record, changes) =>
        amendRecord(record, changes.facts === '$nonce' ? { ...changes, facts: record.nonce } : changes)
    },
  },
  {
    name: 'lets a turn overwrite facts that were amended',
    foundBy: 'facts amended while a turn was on its way are not replaced by those of the turn',
    breaks: writes((after, _before, _now, { reseal }) =>
      reseal ? { ...after, facts: reseal.facts } : after,
    ),
  },
  {
    name: 'makes a grant out of an amendment',
    foundBy: 'an absent grant is not amended, and does not come to be',
    breaks: ({ grants }) => {
      const amend = grants.amend.bind(grants)
      grants.amend = async (id, revision, changes) => {
        const result = await amend(id, revision, changes)
        if (result.grant !== undefined) return result
        const [template] = grants.records.values()
        const strings = { clientId: '', nonce: '', subjectHash: '', accessNonce: '', facts: '' }
        const numbers = { generation: 0, createdAt: 0, turnedAt: 0, revision: 1, format: 1, expiresAt: 1 }
        grants.records.set(id, {
          idleLifetime: 0,
          absoluteExpiresAt: 0,
          ...strings,
          ...numbers,
          ...template,
          id,
        })
        return result
      }
    },
  },
  {
    name: 'renews the access nonce of a revoked grant',
    foundBy: 'a revoked or absent grant gets no new access nonce',
    breaks: ({ grants }) => {
      grants.renewAccessNonce = async (id, accessNonce) => {
        const record = grants.records.get(id)
        if (record !== undefined) grants.records.set(id, { ...record, accessNonce })
        return record !== undefined
      }
    },
  },
  {
    name: 'does not renew the access nonce',
    foundBy: 'a new access nonce replaces the old one and nothing else',
    breaks: ({ grants }) => {
      grants.renewAccessNonce = async (id) => grants.records.get(id)?.revoked === undefined
    },
  },
]
