/**
 * Where a session is kept between pages and runs: one string. What it answers last is what was set last, by whichever
 * tab or process shares it.
 */
export interface Store {
  get(): string | null | undefined | Promise<string | null | undefined>
  set(value: string): void | Promise<void>
  remove(): void | Promise<void>
  /**
   * Whether every tab or process that has the same session sees the same value. False (`sessionStorage`, of which a
   * duplicated tab has a copy): the tabs ask each other before one of them refreshes. Default true.
   */
  readonly shared?: boolean
}
