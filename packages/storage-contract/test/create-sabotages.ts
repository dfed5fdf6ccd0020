import { grantRecord } from '@oauth-ratchet/core'
import type { GrantRecord } from '@oauth-ratchet/core'

import { NaiveStorage } from './naive-storage.js'
import type { Sabotage } from './sabotage.js'

/** Answers something else than the record that was found. */
function finds(wrong: (record: GrantRecord) => GrantRecord): (storage: NaiveStorage) => void {
  return ({ grants }) => {
    grants.find = async (id) => {
      const record = grants.records.get(id)
      return record && wrong(record)
    }
  }
}

/** A connection that reads what stood there when it was opened. */
function lagging(storage: NaiveStorage): NaiveStorage {
  const other = new NaiveStorage()
  other.grants.records = new Map(storage.grants.records)
  return other
}

export const createSabotages: readonly Sabotage[] = [
  {
    name: 'creates without being atomic',
    foundBy: 'of many records under one id exactly one is created, and stays',
    breaks: ({ yieldsIn }) => yieldsIn.add('create'),
  },
  {
    name: 'creates over what is there',
    foundBy: 'a second record under an id is refused, and the first one stays',
    breaks: ({ grants }) => {
      grants.create = async (record) => {
        grants.records.set(record.id, record)
        return true
      }
    },
  },
  {
    name: 'creates over a revoked grant',
    foundBy: 'a revoked grant is not replaced by a create',
    breaks: ({ grants }) => {
      const create = grants.create.bind(grants)
      grants.create = async (record) => {
        if (grants.records.get(record.id)?.revoked) grants.records.delete(record.id)
        return create(record)
      }
    },
  },
  {
    name: 'creates every record as a live one',
    foundBy: 'a record that has ended is created as it is, and nothing brings it to life',
    breaks: ({ grants }) => {
      const create = grants.create.bind(grants)
      grants.create = (record) => create(grantRecord({ ...record, revoked: undefined }))
    },
  },
  {
    name: 'does not know its own create again',
    foundBy: 'the same create run twice by a driver is answered as created both times',
    breaks: ({ grants }) => {
      const create = grants.create.bind(grants)
      grants.create = async (record) => !grants.records.has(record.id) && create(record)
    },
  },
  {
    name: 'keeps the object of the caller',
    foundBy: 'what a caller does to its objects does not reach the store',
    breaks: ({ grants }) => {
      grants.create = async (record) => {
        grants.records.set(record.id, record)
        return true
      }
    },
  },
  {
    name: 'loses an optional field',
    foundBy: 'a grant is found with every field as it was given',
    breaks: finds((record) => grantRecord({ ...record, codeProof: undefined })),
  },
  {
    name: 'spells out what is absent',
    foundBy: 'fields that were not given are absent',
    breaks: finds((record) => Object.assign({ seen: undefined }, record)),
  },
  {
    name: 'reads a limit of null as 0',
    foundBy: 'a limit of null stays null, and one of 0 stays 0',
    breaks: finds((record) => ({ ...record, idleLifetime: record.idleLifetime ?? 0 })),
  },
  {
    name: 'finds something under every id',
    foundBy: 'an id that nothing was created under is not found',
    breaks: ({ grants }) => {
      grants.find = async (id) => grants.records.get(id) ?? [...grants.records.values()].at(0)
    },
  },
  {
    name: 'trims strings',
    foundBy: 'strings that mean something to an engine are kept as they are',
    breaks: finds((record) => ({ ...record, facts: record.facts.trim() })),
  },
  {
    name: 'cuts long strings',
    foundBy: 'long sealed strings are kept whole',
    breaks: finds((record) => ({ ...record, facts: record.facts.slice(0, 16_384) })),
  },
  {
    name: 'keeps numbers to fourteen digits',
    foundBy: 'large numbers are kept to the last digit',
    breaks: finds((record) => ({
      ...record,
      absoluteExpiresAt: record.absoluteExpiresAt && Number(record.absoluteExpiresAt.toPrecision(14)),
    })),
  },
  {
    name: 'reads from a copy that lags behind',
    foundBy: 'what was answered is seen by every other connection',
    breaks: () => {},
    connects: lagging,
  },
  {
    name: 'empties itself when it is initialised again',
    foundBy: 'init may be run again, and by two connections at once, without harm',
    breaks: (storage) => {
      storage.init = async () => storage.grants.records.clear()
    },
  },
  {
    name: 'has no answer to a ping',
    foundBy: 'ping resolves while the engine answers',
    breaks: (storage) => {
      storage.ping = async () => {
        throw new Error('not implemented')
      }
    },
  },
]
