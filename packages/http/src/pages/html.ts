/** Text that is HTML already. Made by {@link html} only, so that nothing gets onto a page unescaped. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** A template of HTML. Every value in it is escaped, for element content and quoted attributes, unless it is {@link Html}. */
export function html(
  parts: TemplateStringsArray,
  ...values: readonly (string | Html | readonly Html[])[]
): Html {
  const written = values.map((value) => {
    if (typeof value === 'string') return escape(value)
    return value instanceof Html ? value.text : value.map((item) => item.text).join('')
  })
  return new Html(parts.map((part, index) => part + (written[index] ?? '')).join(''))
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '')
}
