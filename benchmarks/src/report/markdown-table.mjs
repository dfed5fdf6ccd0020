/** A table in Markdown; all columns but the first are figures. */
export function markdownTable(head, rows) {
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'))
  return [head, rule, ...rows].map(line).join('\n')
}

function line(cells) {
  return `| ${cells.join(' | ')} |`
}
