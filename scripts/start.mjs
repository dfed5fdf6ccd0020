// `npm start`: builds what the example server needs, and runs it in this very process, so that a signal reaches it.
await import('./build.mjs')
await import('../examples/server/dist/main.js')

// npm does not pass every signal on. When it is gone, so is whoever wanted this server: it stops in order.
if (process.env.npm_lifecycle_event === 'start') {
  const npm = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === npm) return
    clearInterval(watch)
    process.kill(process.pid, 'SIGTERM')
  }, 250)
  watch.unref()
}
