import { grantRecord, isListed } from '@oauth-ratchet/core'
import type { GrantRecord } from '@oauth-ratchet/core'

import { pageOf } from './naive-storage.js'
import type { NaiveStorage } from './naive-storage.js'
import type { Sabotage } from './sabotage.js'

/** Walks a subject's grants in its own order: what comes out of `keyOf` is what a page goes by. */
function walks(
  keyOf: (record: GrantRecord, hashes: readonly string[]) => string,
): (storage: NaiveStorage) => void {
  return ({ grants }) => {
    grants.pageOfSubject = (hashes, page) => {
      const found = [...grants.records.values()].filter(({ subjectHash }) => hashes.includes(subjectHash))
      const { items, ...rest } = pageOf(found, (record) => `subject ${keyOf(record, hashes)}`, page)
      return { grants: items, ...rest }
    }
  }
}

function unrevoked(record: GrantRecord): GrantRecord {
  return grantRecord({ ...record, revoked: undefined })
}

export const listingSabotages: readonly Sabotage[] = [
  {
    name: 'lists records without their optional fields',
    foundBy: 'the grants of a subject are listed as they are',
    breaks: ({ grants }) => {
      const list = grants.listBySubject.bind(grants)
      grants.listBySubject = async (...call) => {
        const page = await list(...call)
        return { ...page, grants: page.grants.map((grant) => grantRecord({ ...grant, seen: undefined })) }
      }
    },
  },
  {
    name: 'lists no codes, whoever asks for them',
    foundBy: 'unredeemed codes are among them where they are asked for, and nothing that has ended',
    breaks: ({ rules }) => {
      rules.isListed = (record, filter) => record.generation > 0 && isListed(record, filter)
    },
  },
  {
    name: 'lists by id',
    foundBy: 'they come by time of creation, then by id',
    breaks: walks(({ id }) => id),
  },
  {
    name: 'goes on from a time alone, and skips what shares it',
    foundBy: 'pages of any size add up to the whole',
    breaks: walks(({ createdAt }) => String(createdAt).padStart(16, '0')),
  },
  {
    name: 'skips a grant at every page border',
    foundBy: 'pages of any size add up to the whole',
    breaks: ({ grants }) => {
      const pageOfSubject = grants.pageOfSubject.bind(grants)
      grants.pageOfSubject = (hashes, page) => {
        const wider = pageOfSubject(hashes, { ...page, limit: page.limit + 1 })
        return { ...wider, grants: wider.grants.slice(0, page.limit) }
      }
    },
  },
  {
    name: 'lists the grants of everyone',
    foundBy: "another subject's grants are not in it",
    breaks: ({ grants }) => {
      const pageOfSubject = grants.pageOfSubject.bind(grants)
      grants.pageOfSubject = (_, page) =>
        pageOfSubject([...new Set([...grants.records.values()].map((record) => record.subjectHash))], page)
    },
  },
  {
    name: 'lists codes',
    foundBy: 'a code is in it once it is redeemed',
    breaks: ({ rules }) => {
      rules.isListed = (record, filter) => isListed({ ...record, generation: 1 }, filter)
    },
  },
  {
    name: 'lists what has ended',
    foundBy: 'codes, expired and revoked grants are not in it',
    breaks: ({ rules }) => {
      rules.isListed = (record, filter) => isListed(unrevoked(record), filter)
    },
  },
  {
    name: 'lists what has expired this very millisecond',
    foundBy: 'a grant is in it until the last millisecond before its expiry',
    breaks: ({ rules }) => {
      rules.isListed = (record, filter) => isListed(record, { ...filter, now: filter.now - 1 })
    },
  },
  {
    name: 'lists the grants of every client',
    foundBy: 'the filter picks the grants of one client',
    breaks: ({ rules }) => {
      rules.isListed = (record, { now }) => isListed(record, { now })
    },
  },
  {
    name: 'reads all grants of the subject for a page of those that are listed',
    foundBy: "codes, ended grants and other clients' grants take no room in a page, however many there are",
    breaks: ({ grants }) => {
      const pageOfSubject = grants.pageOfSubject.bind(grants)
      grants.pageOfSubject = (hashes, page) => pageOfSubject(hashes, page)
    },
  },
  {
    name: 'lists a grant again for a hash that is named twice',
    foundBy: 'under several hashes every grant is listed once, in order within each hash',
    breaks: ({ grants }) => {
      const pageOfSubject = grants.pageOfSubject.bind(grants)
      grants.pageOfSubject = (hashes, page) => {
        const found = pageOfSubject(hashes, page)
        const twice = hashes.length > new Set(hashes).size
        return { ...found, grants: twice ? [...found.grants, ...found.grants] : found.grants }
      }
    },
  },
  {
    name: 'goes on by counting the grants that are left',
    foundBy: 'what is created, revoked or turned between two pages neither hides nor repeats a grant',
    breaks: ({ grants, rules }) => {
      grants.listBySubject = async (hashes, filter, { cursor, limit }) => {
        const skipped = Number(cursor?.slice('subject '.length) ?? 0)
        const { grants: all } = grants.pageOfSubject(hashes, { limit: 1000 })
        const listed = all.filter((grant) => rules.isListed(grant, filter))
        const page = listed.slice(skipped, skipped + limit)
        const end = skipped + page.length
        return end < listed.length ? { grants: page, cursor: `subject ${end}` } : { grants: page }
      }
    },
  },
  {
    name: 'walks hash by hash, and misses what moves behind it',
    foundBy: 'a grant that is sealed under the new hash between two pages is listed once',
    breaks: walks(
      (record, hashes) => `${hashes.indexOf(record.subjectHash)} ${record.createdAt} ${record.id}`,
    ),
  },
  {
    name: 'lists half of a long list',
    foundBy: 'a subject with very many grants is walked in pages',
    breaks: ({ grants }) => {
      const pageOfSubject = grants.pageOfSubject.bind(grants)
      grants.pageOfSubject = (hashes, page) => {
        const { cursor: _, ...found } = pageOfSubject(hashes, page)
        return page.limit === 500 ? { grants: found.grants.slice(0, 25) } : pageOfSubject(hashes, page)
      }
    },
  },
  {
    name: 'skips a grant at every page border when it ends them',
    foundBy: 'pages of any size end every grant, each answered once',
    breaks: ({ grants }) => {
      const pageOfSubject = grants.pageOfSubject.bind(grants)
      grants.pageOfSubject = (hashes, page) => {
        const wider = pageOfSubject(hashes, { ...page, limit: page.limit + 1 })
        return { ...wider, grants: wider.grants.slice(0, page.limit) }
      }
    },
  },
  {
    name: 'ends the grants under the first hash only',
    foundBy: 'grants under every hash of the subject are ended',
    breaks: ({ grants }) => {
      const pageOfSubject = grants.pageOfSubject.bind(grants)
      grants.pageOfSubject = (hashes, page) => pageOfSubject(hashes.slice(0, 1), page)
    },
  },
  {
    name: 'walks by hash, and lets one get away that moves behind it',
    foundBy:
      'a grant that is refreshed, or sealed under another hash, between two pages is ended all the same',
    breaks: walks(
      (record, hashes) => `${hashes.indexOf(record.subjectHash)} ${record.createdAt} ${record.id}`,
    ),
  },
  {
    name: 'begins again with every grant that is made',
    foundBy: 'a walk comes to its end while grants of the subject are being made',
    breaks: ({ grants }) => {
      const pageOfSubject = grants.pageOfSubject.bind(grants)
      let known = 0
      grants.pageOfSubject = (hashes, page) => {
        const grew = grants.records.size > known
        known = grants.records.size
        const { grants: found } = pageOfSubject(hashes, { limit: page.limit })
        return grew ? { grants: found, cursor: 'subject ' } : pageOfSubject(hashes, page)
      }
    },
  },
]
