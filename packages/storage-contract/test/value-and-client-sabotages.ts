import { amendRecord, turnRecord } from '@oauth-ratchet/core'

import { NaiveStorage } from './naive-storage.js'
import type { Sabotage } from './sabotage.js'

const FOR_EVER = Number.MAX_SAFE_INTEGER

/** A connection with data of its own. */
function unconnected(): NaiveStorage {
  return new NaiveStorage()
}

/** Keeps what it is given where nothing ever removes it. */
function keep({ values }: NaiveStorage, ...what: readonly unknown[]): void {
  values.values.set(`kept ${values.values.size}`, { value: JSON.stringify(what), expiresAt: FOR_EVER })
}

export const valueAndClientSabotages: readonly Sabotage[] = [
  {
    name: 'marks without being atomic',
    foundBy: 'of many owners exactly one marks a key',
    breaks: ({ yieldsIn }) => yieldsIn.add('mark'),
  },
  {
    name: 'marks anew what has expired, for everyone',
    foundBy: 'of many owners exactly one marks a key whose mark has expired',
    breaks: ({ values }) => {
      values.mark = async (key, owner, expiresAt, now) => {
        const mark = values.marks.get(key)
        if (mark === undefined) values.marks.set(key, { owner, expiresAt })
        return mark === undefined || mark.owner === owner || mark.expiresAt <= now
      }
    },
  },
  {
    name: 'lets anyone mark a key again',
    foundBy: 'a key is marked once, by one owner, who may say so again',
    breaks: ({ values }) => {
      values.mark = async (key, owner, expiresAt) => {
        values.marks.set(key, { owner, expiresAt })
        return true
      }
    },
  },
  {
    name: 'does not know the owner of a mark again',
    foundBy: 'a key is marked once, by one owner, who may say so again',
    breaks: ({ values }) => {
      const mark = values.mark.bind(values)
      values.mark = async (key, owner, expiresAt, now) =>
        !(await values.isMarked(key, now)) && mark(key, owner, expiresAt, now)
    },
  },
  {
    name: 'keeps marks for ever',
    foundBy: 'a mark can be seen until it expires',
    breaks: ({ values }) => {
      values.isMarked = async (key) => values.marks.has(key)
    },
  },
  {
    name: 'gives an expired mark to its first owner only',
    foundBy: 'an expired mark can be set anew by anyone, and then is theirs',
    breaks: ({ values }) => {
      values.mark = async (key, owner, expiresAt) => {
        const mark = values.marks.get(key)
        if (mark === undefined) values.marks.set(key, { owner, expiresAt })
        return (mark?.owner ?? owner) === owner
      }
    },
  },
  {
    name: 'lengthens a mark whenever anyone asks',
    foundBy: 'a mark that was refused does not lengthen the one that stands',
    breaks: ({ values }) => {
      const mark = values.mark.bind(values)
      values.mark = async (key, owner, expiresAt, now) => {
        const marked = await mark(key, owner, expiresAt, now)
        const standing = values.marks.get(key)
        if (standing !== undefined) values.marks.set(key, { ...standing, expiresAt })
        return marked
      }
    },
  },
  {
    name: 'shows values that have expired',
    foundBy: 'a value can be looked at until it expires',
    breaks: ({ values }) => {
      values.peek = async (key) => values.values.get(key)?.value
    },
  },
  {
    name: 'gives out values that have expired',
    foundBy: 'an expired value cannot be taken',
    breaks: ({ values }) => {
      values.take = async (key) => {
        const entry = values.values.get(key)
        values.values.delete(key)
        return entry?.value
      }
    },
  },
  {
    name: 'takes without being atomic',
    foundBy: 'of many that take a value exactly one gets it',
    breaks: ({ yieldsIn }) => yieldsIn.add('take'),
  },
  {
    name: 'leaves what was taken',
    foundBy: 'a value can be taken once',
    breaks: ({ values }) => {
      values.take = (key, now) => values.peek(key, now)
    },
  },
  {
    name: 'keeps the first expiry of a value that is replaced',
    foundBy: 'a value replaces the one before, and its expiry',
    breaks: ({ values }) => {
      values.stash = async (key, value, expiresAt) => {
        values.values.set(key, { value, expiresAt: values.values.get(key)?.expiresAt ?? expiresAt })
      }
    },
  },
  {
    name: 'keeps marks among the values',
    foundBy: 'a mark and a value under one key do not meet',
    breaks: ({ values }) => {
      const mark = values.mark.bind(values)
      values.mark = async (key, owner, expiresAt, now) => {
        values.values.set(key, { value: owner, expiresAt })
        return mark(key, owner, expiresAt, now)
      }
    },
  },
  {
    name: 'takes an empty value for none',
    foundBy: 'keys and values are kept as they are, whatever is in them',
    breaks: ({ values }) => {
      const peek = values.peek.bind(values)
      values.peek = async (key, now) => (await peek(key, now)) || undefined
    },
  },
  {
    name: 'keeps values in the process',
    foundBy: 'marks and values are seen by every other connection',
    breaks: () => {},
    connects: unconnected,
  },
  {
    name: 'scans marks only',
    foundBy: 'a scan finds every mark and value as it is, in pages of any size',
    breaks: ({ values }) => {
      const scan = values.scan.bind(values)
      values.scan = async (page) => {
        const found = await scan(page)
        return { ...found, values: found.values.filter(({ kind }) => kind === 'mark') }
      }
    },
  },
  {
    name: 'scans the first page of marks and values only',
    foundBy: 'a scan finds every mark and value as it is, in pages of any size',
    breaks: ({ values }) => {
      const scan = values.scan.bind(values)
      values.scan = async (page) => ({ values: (await scan(page)).values })
    },
  },
  {
    name: 'scans marks and values for ever',
    foundBy: 'a scan of no marks and values ends at once',
    breaks: ({ values }) => {
      values.scan = async () => ({ values: [], cursor: 'stored ' })
    },
  },
  {
    name: 'takes any cursor of marks and values',
    foundBy: 'a cursor that was not made by the scan of values is a CursorError',
    breaks: ({ values }) => {
      const scan = values.scan.bind(values)
      values.scan = async ({ cursor, limit }) =>
        scan(cursor?.startsWith('stored ') ? { cursor, limit } : { limit })
    },
  },
  {
    name: 'keeps clients in the process',
    foundBy: 'a client is seen by every other connection',
    breaks: () => {},
    connects: unconnected,
  },
  {
    name: 'saves without being atomic',
    foundBy: 'of many that make a client exactly one does, and of many that replace it too',
    breaks: ({ yieldsIn }) => yieldsIn.add('save'),
  },
  {
    name: 'finds a client under every id',
    foundBy: 'a client is found as it was saved',
    breaks: ({ clients }) => {
      clients.find = async (id) => clients.records.get(id) ?? [...clients.records.values()].at(0)
    },
  },
  {
    name: 'makes a client over one that is there',
    foundBy: 'a new client does not replace one that is there',
    breaks: ({ clients }) => {
      const save = clients.save.bind(clients)
      clients.save = async (client, revision) => {
        if (revision === null) clients.records.delete(client.id)
        return save(client, revision)
      }
    },
  },
  {
    name: 'ignores the revision of a client',
    foundBy: 'a client is replaced at the revision that the caller has seen, and at no other',
    breaks: ({ clients }) => {
      const save = clients.save.bind(clients)
      clients.save = (client, revision) =>
        save(client, revision === null ? null : (clients.records.get(client.id)?.revision ?? revision))
    },
  },
  {
    name: 'makes a client where it should replace one',
    foundBy: 'a client that is not there is not replaced, and does not come to be',
    breaks: ({ clients }) => {
      const save = clients.save.bind(clients)
      clients.save = (client, revision) => save(client, clients.records.has(client.id) ? revision : null)
    },
  },
  {
    name: 'does not know its own save again',
    foundBy: 'the same save run twice by a driver is answered as done both times',
    breaks: ({ clients }) => {
      const save = clients.save.bind(clients)
      clients.save = async (client, revision) =>
        (clients.records.get(client.id)?.revision ?? null) === revision && save(client, revision)
    },
  },
  {
    name: 'says of every client that it removed it',
    foundBy: 'a client is removed once, and can then be made anew',
    breaks: ({ clients }) => {
      clients.remove = async (id) => clients.records.delete(id) || true
    },
  },
  {
    name: 'lists clients as they were made',
    foundBy: 'clients are listed by id, in pages of any size',
    breaks: ({ clients }) => {
      clients.list = async () => ({ clients: [...clients.records.values()] })
    },
  },
  {
    name: 'counts its way through the clients',
    foundBy: 'a client that is removed or made between two pages neither hides nor repeats another',
    breaks: ({ clients }) => {
      clients.list = async ({ cursor, limit }) => {
        const skipped = Number(cursor?.slice('client '.length) ?? 0)
        const all = [...clients.records.values()].toSorted((one, other) => (one.id < other.id ? -1 : 1))
        const page = all.slice(skipped, skipped + limit)
        const end = skipped + limit
        return end < all.length ? { clients: page, cursor: `client ${end}` } : { clients: page }
      }
    },
  },
  {
    name: 'keeps ids without their case',
    foundBy: 'ids and documents are kept as they are, whatever is in them',
    breaks: ({ clients }) => {
      const save = clients.save.bind(clients)
      clients.save = async (client, revision) => {
        const alike = [...clients.records.keys()].some(
          (id) => id !== client.id && id.toLowerCase() === client.id.toLowerCase(),
        )
        return !alike && save(client, revision)
      }
    },
  },
  {
    name: 'keeps what a turn replaced',
    foundBy: 'nothing stays of facts, hashes or a last sight that a turn replaced',
    breaks: (storage) => {
      storage.rules.turnRecord = (record, now, next) => {
        keep(storage, record.seen)
        return turnRecord(record, now, next)
      }
    },
  },
  {
    name: 'keeps what an amendment replaced',
    foundBy: 'nothing stays of facts and an access nonce that were replaced',
    breaks: (storage) => {
      storage.rules.amendRecord = (record, changes) => {
        keep(storage, record.facts)
        return amendRecord(record, changes)
      }
    },
  },
  {
    name: 'keeps every nonce there was',
    foundBy: 'a nonce and a key hash are gone two turns later',
    breaks: (storage) => {
      storage.rules.turnRecord = (record, now, next) => {
        keep(storage, record.nonce)
        return turnRecord(record, now, next)
      }
    },
  },
  {
    name: 'keeps what was taken',
    foundBy: 'nothing stays of a value that was taken or replaced',
    breaks: (storage) => {
      const take = storage.values.take.bind(storage.values)
      storage.values.take = async (key, now) => {
        const value = await take(key, now)
        keep(storage, value)
        return value
      }
    },
  },
  {
    name: 'keeps removed clients',
    foundBy: 'nothing stays of a client that was replaced or removed',
    breaks: (storage) => {
      const remove = storage.clients.remove.bind(storage.clients)
      storage.clients.remove = async (id) => {
        keep(storage, storage.clients.records.get(id))
        return remove(id)
      }
    },
  },
]
