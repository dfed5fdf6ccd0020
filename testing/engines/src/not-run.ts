import { join } from 'node:path'

export interface NotRun {
  readonly test: string
  readonly why: string
}

/** The files in the directory of a run. */
export function keeperFiles(run: string): { readonly socket: string; readonly notRun: string } {
  return { socket: join(run, 'keeper.sock'), notRun: join(run, 'not-run.jsonl') }
}

/** The last words of a run: every test that was not run, under the reason. */
export function notRunLines(recorded: string): string[] {
  const entries = recorded
    .split('\n')
    .filter((line) => line !== '')
    .map((line): NotRun => JSON.parse(line))
  const reasons = new Map<string, Set<string>>()
  for (const { test, why } of entries) reasons.set(why, (reasons.get(why) ?? new Set()).add(test))
  return [...reasons].flatMap(([why, tests]) => [
    '',
    `engines: ${tests.size} ${tests.size === 1 ? 'test was' : 'tests were'} not run: ${why}`,
    ...[...tests].map((test) => `  not run: ${test}`),
  ])
}
