import type { TillsafeError } from '../../../model/index.ts'
import { throwIfCancelled } from '../../../work/cancel.ts'
import { hasCode } from '../../has-code.ts'
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
  for await (const name of repository.files.list('index')) {
    throwIfCancelled(signal)
    if (leftOut.has(name)) {
      continue
    }
    try {
      const packs = await repository.readIndex(name)
      packs.forEach((pack) => {
        index.add(pack)
      })
      files.push({
        name,
        packs: packs.map(({ id }) => id),
        blobs: packs.reduce((sum, { blobs }) => sum + blobs.length, 0),
      })
    } catch (error) {
      if (!hasCode(error, 'vault.damaged', 'object.missing', 'destination.failed')) {
        throw error
      }
      onDamage(name, error)
    }
  }
  return { index, files }
}
