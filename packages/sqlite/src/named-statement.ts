import type { Database, Statement } from 'better-sqlite3'

/**
 * A statement whose SQL has `@names` and which is bound by place: the driver takes twice as long where it has to look each
 * name up.
 */
export class NamedStatement<Parameters extends object, Row> {
  readonly #statement: Statement<[readonly unknown[]], Row>
  /** In the order of the places; a name that stands twice is there twice. */
  readonly #names: readonly (keyof Parameters)[]

  /** @param sql with a name of `Parameters` at each place; its rows come as lists, integers as numbers */
  constructor(database: Database, sql: string) {
    const names: string[] = []
    const placed = sql.replaceAll(/@(\w+)/g, (_, name: string) => {
      names.push(name)
      return '?'
    })
    this.#names = names as (keyof Parameters & string)[]
    this.#statement = database.prepare<[readonly unknown[]], Row>(placed).raw().safeIntegers(false)
  }

  get(parameters: Parameters): Row | undefined {
    return this.#statement.get(this.#names.map((name) => parameters[name]))
  }
}
