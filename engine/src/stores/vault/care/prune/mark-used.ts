import { TillsafeError } from '../../../../model/index.ts'
import type { BlobType } from '../../format/blob.ts'
import { ID_BYTES } from '../../format/blob-id.ts'
import type { BlobIndex } from '../../repository/blob-index.ts'
import type { Repository } from '../../repository/repository.ts'
import type { ListedSnapshot } from '../list-snapshots.ts'
import { TreeGraph } from '../tree-graph.ts'

/** Blobs that some snapshot needs, by the latest number of their id in the index. One byte a blob. */
export type UsedBlobs = Readonly<Record<BlobType, Uint8Array>>

/**
 * Marks every blob that any of the snapshots needs. One of them that can't be followed to its end is an error: what it
 * needs can't be known then. Error: `vault.damaged`.
 */
export async function markUsed(
  repository: Repository,
  index: BlobIndex,
  snapshots: readonly ListedSnapshot[],
  signal: AbortSignal,
): Promise<UsedBlobs> {
  const used = { data: new Uint8Array(index.ids('data').size), tree: new Uint8Array(index.ids('tree').size) }
  const mark = (type: BlobType, id: Uint8Array): void => {
    const number = index.ids(type).find(id)
    if (number === undefined) {
      throw new TillsafeError(
        'vault.damaged',
        `no index knows the ${type} blob ${Buffer.from(id).toString('hex')}, which a snapshot needs`,
      )
    }
    used[type][number] = 1
  }
  const roots = snapshots.map(({ name, read }) => {
    if (read instanceof TillsafeError) {
      throw new TillsafeError('vault.damaged', `the snapshot ${name} cannot be read: ${read.message}`, { cause: read })
    }
    return Buffer.from(read.tree, 'hex')
  })
  await new TreeGraph().visit(repository, index, roots, signal, ({ id, read }) => {
    if (read instanceof TillsafeError) {
      throw read
    }
    mark('tree', id)
    for (const node of read) {
      for (let start = 0; node.kind === 'file' && start < node.content.byteLength; start += ID_BYTES) {
        mark('data', node.content.subarray(start, start + ID_BYTES))
      }
    }
  })
  return used
}
