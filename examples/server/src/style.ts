/** The look of the example's pages: the system's fonts, light and dark, nothing to load. */
export const style = `
:root {
  color-scheme: light dark;
  --ground: #f3f4f6; --card: #fff; --text: #1f2328; --quiet: #57606a; --line: #d0d7de;
  --accent: #0b5cad; --on-accent: #fff; --code: #f6f8fa; --wrong: #b42318;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0d1117; --card: #161b22; --text: #e6edf3; --quiet: #9da7b3; --line: #3d444d;
    --accent: #79b8ff; --on-accent: #0d1117; --code: #0d1117; --wrong: #ff9a92;
  }
}
* { box-sizing: border-box; }
body { margin: 0; padding: 1rem; background: var(--ground); color: var(--text); font: 1rem/1.55 system-ui, sans-serif; }
main { margin: 0 auto; padding: 2rem; background: var(--card); border: 1px solid var(--line); border-radius: .75rem; overflow-wrap: break-word; }
.form { min-height: 100vh; display: grid; place-items: center; }
.form main { width: 100%; max-width: 28rem; margin: 0; }
.text main { max-width: 50rem; }
h1 { margin: 0 0 1rem; font-size: 1.35rem; line-height: 1.3; }
.text h1 { font-size: 1.75rem; }
h2 { margin: 2.25rem 0 .5rem; font-size: 1.2rem; }
h3 { margin: 1.5rem 0 .35rem; font-size: 1rem; }
p { margin: 0 0 1rem; }
main > :last-child, .form form:last-child button { margin-bottom: 0; }
a { color: var(--accent); }
ul { margin: 0 0 1rem; padding-left: 1.25rem; }
code { font: .875em ui-monospace, monospace; }
pre { margin: 0 0 .75rem; padding: .75rem 1rem; background: var(--code); border: 1px solid var(--line);
  border-radius: .5rem; white-space: pre-wrap; overflow-wrap: anywhere; }
table { width: 100%; margin: 0 0 1rem; border-collapse: collapse; }
th, td { padding: .45rem .75rem .45rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
label { display: block; margin-bottom: .25rem; font-weight: 600; }
input { width: 100%; min-height: 2.75rem; margin-bottom: 1rem; padding: .5rem .75rem; font: inherit; color: inherit;
  background: var(--ground); border: 1px solid var(--quiet); border-radius: .5rem; }
button { min-height: 2.75rem; padding: .5rem 1.25rem; font: inherit; font-weight: 600; color: var(--text);
  background: transparent; border: 1px solid var(--quiet); border-radius: .5rem; cursor: pointer; }
.form button { width: 100%; margin: .5rem 0 1rem; color: var(--on-accent); background: var(--accent); border-color: var(--accent); }
.text .button { display: inline-block; padding: .65rem 1.5rem; color: var(--on-accent); background: var(--accent);
  border-radius: .5rem; font-weight: 600; text-decoration: none; }
.lead { font-size: 1.1rem; }
.copyable { position: relative; }
.copyable pre { padding-right: 5.5rem; }
.copy { position: absolute; top: .4rem; right: .4rem; min-height: 2.25rem; padding: .2rem .75rem; font-size: .875rem; background: var(--card); }
.out-of-sight { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.row { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1rem; }
.row p { margin: 0; }
.quiet { color: var(--quiet); font-size: .875rem; }
.wrong { color: var(--wrong); font-weight: 600; }
/* On a phone a row of a table is a short paragraph: its cells stand below one another. */
@media (max-width: 34rem) {
  body { padding: .5rem; }
  main { padding: 1.25rem 1rem; }
  pre { margin-inline: -.5rem; padding: .6rem .75rem; }
  .copyable pre { padding: 3rem .75rem .6rem; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { display: block; padding: .5rem 0; border-bottom: 1px solid var(--line); }
  td { display: block; padding: 0; border: 0; }
  td code { overflow-wrap: anywhere; }
}
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
`
