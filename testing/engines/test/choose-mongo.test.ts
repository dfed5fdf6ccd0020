import { chooseMongo, type MongoProbes } from '../src/mongo/choose-mongo.js'

/** A look at versions that fails, for one program or for all. */
function failing(message: string, only?: string): MongoProbes['versionOf'] {
  return async (binary) => {
    if (only === undefined || only === binary) throw new Error(message)
    return '8.0.1'
  }
}

describe('where the MongoDB comes from', () => {
  let asked: string[]

  const probes = (change: Partial<MongoProbes>): MongoProbes => ({
    env: {},
    findOnPath: (name) => {
      asked.push(`PATH ${name}`)
      return undefined
    },
    versionOf: async (binary) => {
      asked.push(`version of ${binary}`)
      return '8.0.1'
    },
    download: async () => {
      asked.push('download')
      throw new Error('Download failed for url "https://example.invalid", Details:\ngetaddrinfo ENOTFOUND')
    },
    ...change,
  })

  beforeEach(() => {
    asked = []
  })

  it('is MONGODB_URL before anything else', async () => {
    const env = { MONGODB_URL: 'mongodb://db/', MONGOMS_SYSTEM_BINARY: '/opt/mongod' }
    expect(await chooseMongo(probes({ env }))).toEqual({ kind: 'url', url: 'mongodb://db/' })
    expect(asked).toEqual([])
  })

  it('is MONGOMS_SYSTEM_BINARY before the one on PATH', async () => {
    const env = { MONGOMS_SYSTEM_BINARY: '/opt/mongod' }
    expect(await chooseMongo(probes({ env, findOnPath: () => '/usr/bin/mongod' }))).toEqual({
      kind: 'binary',
      path: '/opt/mongod',
      version: '8.0.1',
      from: 'MONGOMS_SYSTEM_BINARY',
    })
  })

  it('is an error where MONGOMS_SYSTEM_BINARY does not run: nobody gets the stand-in who brought a mongod', async () => {
    const env = { MONGOMS_SYSTEM_BINARY: '/opt/mongod' }
    const versionOf = failing('spawn /opt/mongod ENOENT')
    await expect(chooseMongo(probes({ env, versionOf }))).rejects.toThrow(
      'MONGOMS_SYSTEM_BINARY is /opt/mongod, which is no mongod that runs here: spawn /opt/mongod ENOENT',
    )
    expect(asked).toEqual([])
  })

  it('is the one on PATH before a download', async () => {
    expect(await chooseMongo(probes({ findOnPath: () => '/usr/bin/mongod' }))).toMatchObject({
      kind: 'binary',
      path: '/usr/bin/mongod',
      from: 'mongod on PATH',
    })
    expect(asked).toEqual(['version of /usr/bin/mongod'])
  })

  it('is a download where there is none', async () => {
    expect(await chooseMongo(probes({ download: async () => '/cache/mongod' }))).toEqual({
      kind: 'binary',
      path: '/cache/mongod',
      version: '8.0.1',
      from: 'downloaded',
    })
  })

  it('is a download where the one on PATH does not run', async () => {
    const versionOf = failing('libcrypto.so.1.1: cannot open shared object file', '/usr/bin/mongod')
    const found = { findOnPath: () => '/usr/bin/mongod', versionOf }
    expect(await chooseMongo(probes({ ...found, download: async () => '/cache/mongod' }))).toMatchObject({
      path: '/cache/mongod',
    })
    expect(await chooseMongo(probes(found))).toMatchObject({
      kind: 'none',
      why: expect.stringContaining('the mongod on PATH does not run: libcrypto.so.1.1'),
    })
  })

  it('is none where the download fails, and says all that was tried', async () => {
    expect(await chooseMongo(probes({}))).toEqual({
      kind: 'none',
      why:
        'no MONGODB_URL, no MONGOMS_SYSTEM_BINARY, no mongod on PATH, the download failed: ' +
        'Download failed for url "https://example.invalid", Details: getaddrinfo ENOTFOUND',
    })
    expect(asked).toEqual(['PATH mongod', 'download'])
  })

  it('is none where what was downloaded does not run on this machine', async () => {
    const versionOf = failing('Illegal instruction')
    expect(await chooseMongo(probes({ versionOf, download: async () => '/cache/mongod' }))).toMatchObject({
      kind: 'none',
      why: expect.stringContaining('Illegal instruction'),
    })
  })
})
