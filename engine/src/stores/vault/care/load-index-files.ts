import { TillsafeError } from '../../../model/index.ts'
import { throwIfCancelled } from '../../../work/cancel.ts'
import { hasCode } from '../../has-code.ts'
import type { IndexedPack } from '../format/index-file.ts'
import { aheadInOrder, FILES_AHEAD } from '../repository/ahead-in-order.ts'
import { BlobIndex } from '../repository/blob-index.ts'
import type { Repository } from '../repository/repository.ts'

/** An index file, and the packs that it names. */
export interface IndexFile {
  readonly name: string
  readonly packs: readonly string[]
  readonly blobs: number
}

/** What the index files say together, and each of them. Damage is told; whoever can't do without that file throws it. */
export async function loadIndexFiles(
  repository: Repository,
  signal: AbortSignal,
  onDamage: (name: string, error: TillsafeError) => void,
  leftOut: ReadonlySet<string> = new Set(),
): Promise<{ readonly index: BlobIndex; readonly files: readonly IndexFile[] }> {
  const index = new BlobIndex()
  const files: IndexFile[] = []
  const reading = aheadInOrder(wantedNames(repository, leftOut), FILES_AHEAD, async (name) => ({
    name,
    packs: await readUnlessDamaged(repository, name),
  }))
  for await (const { name, packs } of reading) {
    throwIfCancelled(signal)
    if (packs instanceof TillsafeError) {
      onDamage(name, packs)
      continue
    }
    packs.forEach((pack) => {
      index.add(pack)
    })
    files.push({
      name,
      packs: packs.map(({ id }) => id),
      blobs: packs.reduce((sum, { blobs }) => sum + blobs.length, 0),
    })
  }
  return { index, files }
}

async function* wantedNames({ files }: Repository, leftOut: ReadonlySet<string>): AsyncIterable<string> {
  for await (const name of files.list('index')) {
    if (!leftOut.has(name)) {
      yield name
    }
  }
}

async function readUnlessDamaged(repository: Repository, name: string): Promise<IndexedPack[] | TillsafeError> {
  return await repository.readIndex(name).catch((error: unknown) => {
    if (!hasCode(error, 'vault.damaged', 'object.missing', 'destination.failed')) {
      throw error
    }
    return error
  })
}
