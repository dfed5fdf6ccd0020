import { format } from 'node:util'

// Jest has no way to ask which tests a function defined. While `define` runs, the globals that define tests are
// replaced by ones that pass everything on and keep the names.

type AnyFunction = (...args: unknown[]) => unknown

const SUITES = ['describe', 'fdescribe', 'xdescribe'] as const
const TESTS = ['it', 'test', 'fit', 'xit', 'xtest'] as const

function isFunction(value: unknown): value is AnyFunction {
  return typeof value === 'function'
}

/** The name of one row of a table: as many of its values as the name has places for. */
function rowName(name: string, row: readonly unknown[]): string {
  const places = name.match(/%[sdifjoOp]/g)?.length ?? 0
  return format(name.replaceAll('%p', '%j'), ...row.slice(0, places))
}

function rowsOf([table]: readonly unknown[]): unknown[][] {
  if (!Array.isArray(table)) return []
  return table.map((row: unknown) => (Array.isArray(row) ? row : [row]))
}

class Recorder {
  readonly names: string[] = []
  readonly #path: string[] = []

  readonly test = (name: string): void => {
    this.names.push([...this.#path, name].join(' '))
  }

  /** `body` as a function that records under the name of its suite. */
  suite(name: (row: readonly unknown[]) => string, body: AnyFunction): AnyFunction {
    return (...row) => {
      this.#path.push(name(row))
      try {
        return body(...row)
      } finally {
        this.#path.pop()
      }
    }
  }

  /** `real`, a way to define tests or suites, such that what it defines is recorded. */
  wrap(real: AnyFunction, isSuite: boolean): AnyFunction {
    return new Proxy(real, {
      apply: (target, self, [name, ...rest]: unknown[]) => {
        if (!isSuite) this.test(String(name))
        const inner = rest.map((arg) =>
          isSuite && isFunction(arg) ? this.suite(() => String(name), arg) : arg,
        )
        return Reflect.apply(target, self, [name, ...inner])
      },
      get: (target, property, receiver) => {
        const value: unknown = Reflect.get(target, property, receiver)
        if (!isFunction(value)) return value
        return property === 'each' ? this.#table(target, value, isSuite) : this.wrap(value, isSuite)
      },
    })
  }

  /** `it.each(table)(name, body)`: a test for each row, under the name that Jest would give it. */
  #table(target: AnyFunction, each: AnyFunction, isSuite: boolean): AnyFunction {
    return (...table) => {
      const defined = Reflect.apply(each, target, table)
      if (!isFunction(defined)) return defined
      const rows = rowsOf(table)
      return (name: unknown, ...rest: unknown[]) => {
        if (!isSuite && rows.length === 0) this.test(String(name))
        if (!isSuite) for (const row of rows) this.test(rowName(String(name), row))
        const nameOf = (row: readonly unknown[]): string => rowName(String(name), row)
        const inner = rest.map((arg) => (isSuite && isFunction(arg) ? this.suite(nameOf, arg) : arg))
        return defined(name, ...inner)
      }
    }
  }
}

/** Runs `define` and answers the full names of the tests it defined. */
export function withNamesRecorded(define: () => void): string[] {
  const recorder = new Recorder()
  const originals = new Map<string, unknown>()
  for (const name of [...SUITES, ...TESTS]) {
    const real: unknown = Reflect.get(globalThis, name)
    if (!isFunction(real)) continue
    originals.set(name, real)
    Reflect.set(
      globalThis,
      name,
      recorder.wrap(
        real,
        SUITES.some((suite) => suite === name),
      ),
    )
  }
  try {
    define()
  } finally {
    for (const [name, real] of originals) Reflect.set(globalThis, name, real)
  }
  if (recorder.names.length === 0)
    throw new Error("no test was found: define them with Jest's globals, not with @jest/globals")
  return recorder.names
}
