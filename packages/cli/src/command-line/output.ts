import type { Writable } from 'node:stream'

export interface OutputStreams {
  readonly stdout: Writable & { readonly isTTY?: boolean }
  readonly stderr: Writable & { readonly isTTY?: boolean }
}

/** Between two lines of progress where nobody watches. */
const LINE_EVERY_MS = 10_000
/** Between two updates of the line on a terminal. */
const UPDATE_EVERY_MS = 100

/** Results on standard output, everything else on standard error. */
export class Output {
  readonly #streams: OutputStreams
  readonly #isJson: boolean
  #progressShown = false
  #lastProgressMs = Date.now()

  constructor(streams: OutputStreams, isJson: boolean) {
    this.#streams = streams
    this.#isJson = isJson
  }

  /** The result: with `--json` as one JSON document, otherwise as text. */
  result(document: unknown, text: () => string): void {
    this.#clearProgress()
    this.#streams.stdout.write(`${this.#isJson ? JSON.stringify(document, null, 2) : text()}\n`)
  }

  /** A sentence beside the result. */
  note(sentence: string): void {
    this.#clearProgress()
    this.#streams.stderr.write(`${sentence}\n`)
  }

  /** How far long work has come: on a terminal one line that changes, elsewhere a line now and then. */
  progress(sentence: string): void {
    const now = Date.now()
    const { stderr } = this.#streams
    const isTerminal = stderr.isTTY === true
    if (now - this.#lastProgressMs < (isTerminal ? UPDATE_EVERY_MS : LINE_EVERY_MS)) return
    this.#lastProgressMs = now
    this.#progressShown = isTerminal
    stderr.write(isTerminal ? `\r\u001B[K${sentence}` : `${sentence}\n`)
  }

  #clearProgress(): void {
    if (this.#progressShown) this.#streams.stderr.write('\r\u001B[K')
    this.#progressShown = false
  }
}
