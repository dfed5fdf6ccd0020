export { fileSession } from './file-session.js'
export type { FileSession } from './file-session.js'
