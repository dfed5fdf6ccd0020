/** Keeps what is written to stderr, until it is restored. */
export function stderr() {
  const lines: string[] = []
  const spy = jest.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    lines.push(String(chunk))
    return true
  })
  return { lines, restore: () => spy.mockRestore() }
}
