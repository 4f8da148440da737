import { hasCode } from '../../has-code.ts'
import type { PackedBlob } from '../format/blob.ts'
import { blobsOf } from '../format/blob-columns.ts'
import type { VaultWorkers } from '../pool/vault-workers.ts'
import type { Repository } from '../repository/repository.ts'
import type { NumberedBlob } from './pack-contents.ts'
import { sealedBlobs } from './sealed-blobs.ts'

/** What is wrong with a pack, and which of its blobs are lost there. */
export interface PackDamage {
  readonly problem: string
  /** Whether the disk does not give it out now: it may be whole. */
  readonly isUnread: boolean
  readonly lost: readonly NumberedBlob[]
}

/** Reads every byte of a pack: its name, its header, each blob, and what the index says of them. Undefined when all fits. */
export async function readPack(
  repository: Repository,
  workers: VaultWorkers,
  pack: { readonly id: string; readonly bytes: number },
  blobs: readonly NumberedBlob[],
): Promise<PackDamage | undefined> {
  const found = await problemOf(repository, workers, pack, blobs)
  if (found === undefined) {
    return undefined
  }
  const lost: NumberedBlob[] = []
  const named = blobs.map((one) => ({ ...one.blob, one }))
  for await (const { kind, blob } of sealedBlobs(repository, workers, pack.id, named)) {
    if (kind === 'damaged') {
      lost.push(blob.one)
    }
  }
  const { problem, isUnread } = found
  return { problem: `${problem}; ${lost.length} of its ${blobs.length} blobs are damaged`, isUnread, lost }
}

async function problemOf(
  { files }: Repository,
  workers: VaultWorkers,
  { id, bytes }: { readonly id: string; readonly bytes: number },
  blobs: readonly NumberedBlob[],
): Promise<Pick<PackDamage, 'problem' | 'isUnread'> | undefined> {
  try {
    const whole = await files.readRange('data', id, { start: 0, end: bytes })
    const { blobs: found, problems } = await workers.run({ kind: 'check', pack: id, bytes: whole }, [whole.buffer])
    const differs = isSame(blobsOf(found), blobs) ? undefined : 'its header and the index differ'
    const problem = problems[0] ?? differs
    return problem === undefined ? undefined : { problem, isUnread: false }
  } catch (error) {
    if (hasCode(error, 'vault.damaged', 'object.missing', 'destination.failed')) {
      return { problem: error.message, isUnread: hasCode(error, 'destination.failed') }
    }
    throw error
  }
}

/** Whether a header and an index say the same of a pack. */
export function isSame(header: readonly PackedBlob[], indexed: readonly NumberedBlob[]): boolean {
  return (
    header.length === indexed.length &&
    header.every((found, position) => {
      const blob = indexed[position]?.blob
      return (
        blob !== undefined &&
        found.type === blob.type &&
        found.offset === blob.offset &&
        found.length === blob.length &&
        found.uncompressedLength === blob.uncompressedLength &&
        found.id.equals(blob.id)
      )
    })
  )
}
