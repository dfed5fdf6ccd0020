import { describeWithMongod, startMongo } from '../src/index.js'
import { mongoConformance } from './conformance/index.js'

describeWithMongod('a real mongod answers as it is written down for the stand-in', () =>
  mongoConformance(() => startMongo()),
)
