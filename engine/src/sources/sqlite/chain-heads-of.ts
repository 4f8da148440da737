import { ChainHead, hasShape } from '../../model/index.ts'
import type { Meaning } from './ask-schema-map.ts'

/** The heads of the till's chains, as far as they have the shape of one. */
export function chainHeadsOf(meaning: Meaning): ChainHead[] {
  return meaning.chainHeads.filter((row) => hasShape(ChainHead, row))
}
