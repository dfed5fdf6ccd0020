/**
 * Ends the program for what it was asked that cannot be, before anything is measured.
 *
 * @returns {never}
 */
export function refuse(message) {
  process.stderr.write(`bench: ${message}\n`)
  process.exit(2)
}
