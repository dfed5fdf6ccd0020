export type { CollectionNames } from './collections.js'
export type { ModelNames } from './models.js'
export { MongooseStorage } from './mongoose-storage.js'
export type { MongooseStorageOptions } from './mongoose-storage.js'
