/** Text that is HTML already; only {@link markup} makes it, so that every value on a page is escaped. */
export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Value = string | number | Markup | readonly Markup[] | undefined

/**
 * A template of HTML. Values are escaped for elements and quoted attributes; undefined is nothing. (Not named
 * `html`: formatters reformat what is, and whitespace counts in `pre`.)
 */
export function markup(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return new Markup(parts.map((part, index) => part + render(values[index])).join(''))
}

const entities = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
])

function render(value: Value): string {
  if (value === undefined) return ''
  if (value instanceof Markup) return value.text
  if (typeof value === 'object') return value.map((item) => item.text).join('\n')
  return String(value).replaceAll(/[&<>"']/g, (character) => entities.get(character) ?? '')
}
