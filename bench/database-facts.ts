import { createHash } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { Facts } from '@tillsafe/engine/model'
import { syntheticFacts } from '@tillsafe/engine/testing'

/** What a source knows of a database when it has copied it. */
export async function factsOf(database: string): Promise<Facts> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(database), hash)
  const facts = syntheticFacts(new Uint8Array())
  const bytes = statSync(database).size
  return { ...facts, database: { ...facts.database, bytes, sha256: hash.digest('hex') } }
}
