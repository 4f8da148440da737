import type { FileNode, TreeNode } from '../format/tree.ts'
import type { BlobIndex } from '../repository/blob-index.ts'
import { readTree } from '../repository/read-tree.ts'
import type { Repository } from '../repository/repository.ts'
import { DATABASE_FOLDER, DATABASE_NAME } from '../vault-paths.ts'

/** The database of a backup, from what lies at its root; undefined when there is none. Error: `vault.damaged`. */
export async function readDatabaseNode(
  repository: Repository,
  index: BlobIndex,
  nodes: readonly TreeNode[],
): Promise<FileNode | undefined> {
  const folder = nodes.find(({ kind, name }) => kind === 'folder' && name === DATABASE_FOLDER)
  if (folder?.kind !== 'folder') {
    return undefined
  }
  const inside = await readTree(repository, index, folder.subtree)
  return inside.find((node): node is FileNode => node.kind === 'file' && node.name === DATABASE_NAME)
}
