export { addRatchet } from './add-ratchet.js'
export type { AddedRatchet } from './add-ratchet.js'
export type { ModelImportOptions, RatchetModel, RatchetOptions } from './options.js'
