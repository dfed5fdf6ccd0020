/** Where a real server comes from, or why there is none. */
export type MongoChoice =
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'binary'; readonly path: string; readonly version: string; readonly from: string }
  | { readonly kind: 'none'; readonly why: string }

/** What the decision looks at, so that a test can put something else there. */
export interface MongoProbes {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly findOnPath: (name: string) => string | undefined
  /** The version of a `mongod` that can be run here; rejects where it cannot. */
  readonly versionOf: (binary: string) => Promise<string>
  /** The path of a downloaded `mongod`; rejects where none can be had. */
  readonly download: () => Promise<string>
}

function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, 240)
}

/**
 * `MONGODB_URL`; else `MONGOMS_SYSTEM_BINARY`; else `mongod` on PATH; else a download; else none. What was asked for by
 * name and does not work is an error: nobody should get the stand-in who believes to have brought the real one.
 */
export async function chooseMongo({
  env,
  findOnPath,
  versionOf,
  download,
}: MongoProbes): Promise<MongoChoice> {
  const url = env['MONGODB_URL']
  if (url) return { kind: 'url', url }
  const named = env['MONGOMS_SYSTEM_BINARY']
  if (named) {
    try {
      return { kind: 'binary', path: named, version: await versionOf(named), from: 'MONGOMS_SYSTEM_BINARY' }
    } catch (error) {
      throw new Error(
        `MONGOMS_SYSTEM_BINARY is ${named}, which is no mongod that runs here: ${reason(error)}`,
        {
          cause: error,
        },
      )
    }
  }
  const reasons: string[] = []
  const onPath = findOnPath('mongod')
  if (onPath) {
    try {
      return { kind: 'binary', path: onPath, version: await versionOf(onPath), from: 'mongod on PATH' }
    } catch (error) {
      reasons.push(`the mongod on PATH does not run: ${reason(error)}`)
    }
  } else {
    reasons.push('no mongod on PATH')
  }
  try {
    const path = await download()
    return { kind: 'binary', path, version: await versionOf(path), from: 'downloaded' }
  } catch (error) {
    reasons.push(`the download failed: ${reason(error)}`)
  }
  return { kind: 'none', why: `no MONGODB_URL, no MONGOMS_SYSTEM_BINARY, ${reasons.join(', ')}` }
}
