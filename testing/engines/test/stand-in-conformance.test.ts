import { startStandIn } from '../src/index.js'
import { mongoConformance } from './conformance/index.js'

describe('the stand-in answers as MongoDB does', () => mongoConformance(() => startStandIn()))
