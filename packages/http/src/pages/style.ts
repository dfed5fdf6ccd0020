import { createHash } from 'node:crypto'
import { Html } from './html.js'

// No fonts, images or scripts to load; light and dark.
const builtIn = `
:root { color-scheme: light dark; --ground: #f3f4f6; --card: #fff; --text: #1f2328; --quiet: #57606a;
  --line: #d0d7de; --accent: #0b5cad; --on-accent: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #0d1117; --card: #161b22; --text: #e6edf3; --quiet: #9da7b3;
    --line: #3d444d; --accent: #79b8ff; --on-accent: #0d1117; }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem;
  background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 28rem; padding: 2rem; background: var(--card);
  border: 1px solid var(--line); border-radius: .75rem; overflow-wrap: anywhere; }
.logo { display: block; max-width: 100%; max-height: 4rem; margin: 0 0 1.25rem; }
h1 { margin: 0 0 1rem; font-size: 1.35rem; line-height: 1.3; }
h2 { margin: 1.5rem 0 .5rem; font-size: 1rem; }
p { margin: 0 0 1rem; }
main > p:last-child { margin-bottom: 0; }
a { color: var(--accent); }
ul { margin: 0 0 1.5rem; padding: 0; list-style: none; border: 1px solid var(--line); border-radius: .5rem; }
li { padding: .75rem 1rem; }
li + li { border-top: 1px solid var(--line); }
code { font: .875em ui-monospace, monospace; }
.quiet { color: var(--quiet); font-size: .875rem; }
li .quiet { display: block; }
.buttons { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.5rem; }
button { flex: 1 1 8rem; min-height: 2.75rem; padding: .5rem 1rem; font: inherit; font-weight: 600;
  color: var(--text); background: transparent; border: 1px solid var(--quiet); border-radius: .5rem; cursor: pointer; }
button.primary { color: var(--on-accent); background: var(--accent); border-color: var(--accent); }
.wide { max-width: 44rem; align-self: start; }
.wide li { padding: 1rem; }
.sessions li { display: grid; grid-template-columns: 1fr auto; column-gap: 1rem; align-items: start; }
.sessions h2 { margin: 0 0 .25rem; }
.sessions p { grid-column: 1; margin: 0; }
.sessions form { grid-column: 2; grid-row: 1 / span 4; align-self: center; }
.badge { display: inline-block; margin-inline-start: .5rem; padding: .1rem .5rem; font-size: .8125rem; font-weight: 600;
  color: var(--on-accent); background: var(--accent); border-radius: 1rem; }
.notice { padding: .75rem 1rem; border: 1px solid var(--accent); border-radius: .5rem; }
.sessions:last-child { margin-bottom: 0; }
.pager { display: flex; flex-wrap: wrap; gap: 1rem; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
@media (max-width: 30rem) { body { padding: .5rem; } main { padding: 1.25rem 1rem; }
  .sessions li { grid-template-columns: 1fr; } .sessions form { grid-column: 1; grid-row: auto; margin-top: .75rem; }
  .sessions form button { width: 100%; } }
`

/**
 * The style of a page, and the source that lets exactly this style through a Content-Security-Policy. The element is in
 * one piece, since the hash is of every character between its tags.
 *
 * @param more CSS of the app's own
 */
export function styleWith(more: string): { readonly element: Html; readonly source: string } {
  const style = `${builtIn}${more}`
  const hash = createHash('sha256').update(style).digest('base64')
  return { element: new Html(`<style>${style}</style>`), source: `'sha256-${hash}'` }
}
