export { run } from './run.js'
export { version } from './version.js'
