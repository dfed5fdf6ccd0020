import { faultConformance } from './faults.js'
import { findAndModifyConformance } from './find-and-modify.js'
import { useEngine, type Started } from './fixture.js'
import { handshakeConformance } from './handshake.js'
import { hintConformance } from './hints.js'
import { indexConformance } from './indexes.js'
import { mongooseConformance } from './mongoose.js'
import { partialIndexConformance } from './partial-indexes.js'
import { pipelineConformance } from './pipelines.js'
import { readConformance } from './reads.js'
import { requestConformance } from './requests.js'
import { writeConformance } from './writes.js'

/** The same script for every engine: the expected answers are MongoDB's documented ones, written down here. */
export function mongoConformance(start: () => Promise<Started>): void {
  const fixture = useEngine(start)
  describe('handshake', () => handshakeConformance(fixture))
  describe('reads', () => readConformance(fixture))
  describe('writes', () => writeConformance(fixture))
  describe('findAndModify', () => findAndModifyConformance(fixture))
  describe('pipelines', () => pipelineConformance(fixture))
  describe('indexes', () => indexConformance(fixture))
  describe('partial indexes', () => partialIndexConformance(fixture))
  describe('hints', () => hintConformance(fixture))
  describe('requests', () => requestConformance(fixture))
  describe('faults', () => faultConformance(fixture))
  describe('mongoose', () => mongooseConformance(fixture))
}
