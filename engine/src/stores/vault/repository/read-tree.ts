import { TillsafeError } from '../../../model/index.ts'
import { decodeTree, TreeBroken, type TreeNode } from '../format/tree.ts'
import type { BlobIndex } from './blob-index.ts'
import type { Repository } from './repository.ts'

/** Kinds of nodes that hold no blobs. One that we don't know may, so that it is not passed over. */
const WITHOUT_BLOBS = ['symlink', 'dev', 'chardev', 'fifo', 'socket', 'irregular']

/** The nodes of a tree, all of them understood. Error: `vault.damaged`. */
export async function readTree(repository: Repository, index: BlobIndex, id: Buffer): Promise<TreeNode[]> {
  const nodes = decoded(await repository.readBlob(index, 'tree', id), id)
  const strange = nodes.find((node) => node.kind === 'other' && !WITHOUT_BLOBS.includes(node.type))
  if (strange !== undefined) {
    throw new TillsafeError('vault.damaged', `tree ${id.toString('hex')} has a node of a kind that is not known`)
  }
  return nodes
}

function decoded(bytes: Buffer, id: Buffer): TreeNode[] {
  try {
    return decodeTree(bytes)
  } catch (error) {
    throw error instanceof TreeBroken
      ? new TillsafeError('vault.damaged', `tree ${id.toString('hex')}: ${error.message}`, { cause: error })
      : error
  }
}
