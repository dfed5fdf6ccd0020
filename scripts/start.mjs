// `npm start`: builds what the example server needs, and runs it in this very process, so that a signal reaches it.
await import('./build.mjs')
await import('../examples/server/dist/main.js')
