import { printable, TillsafeError } from '../../../../model/index.ts'
import { hasCode } from '../../../has-code.ts'
import { ID_BYTES } from '../../format/blob-id.ts'
import type { FileNode, TreeNode } from '../../format/tree.ts'
import type { BlobIndex } from '../../repository/blob-index.ts'
import { readTree } from '../../repository/read-tree.ts'
import type { Repository } from '../../repository/repository.ts'
import type { VaultPlace } from '../../vault-place.ts'
import type { ListedSnapshot } from '../list-snapshots.ts'
import { type HurtBackup, nameSnapshots } from '../name-snapshots.ts'
import { TreeGraph } from '../tree-graph.ts'

/** A backup that can't be given back whole any more. */
export interface LostBackup {
  readonly backup: HurtBackup
  /** Whether anything of it can be read. */
  readonly opens: boolean
  /** How many files and folders of it are lost, and the paths of the first. */
  readonly count: number
  readonly first: readonly string[]
}

const FIRST = 100

/** The backups that lack blobs, and which of their files that are. */
export async function findLost(
  place: VaultPlace,
  repository: Repository,
  index: BlobIndex,
  snapshots: readonly ListedSnapshot[],
  signal: AbortSignal,
): Promise<readonly LostBackup[]> {
  const graph = new TreeGraph()
  const hurt = new Set<number>()
  const roots = snapshots.flatMap(({ read }) => (read instanceof TillsafeError ? [] : [Buffer.from(read.tree, 'hex')]))
  await graph.visit(repository, index, roots, signal, ({ number, read }) => {
    if (read instanceof TillsafeError || read.some((node) => node.kind === 'file' && isLost(index, node))) {
      hurt.add(number)
    }
  })
  const isHurt = (tree: Buffer): boolean => [...graph.below(graph.numberOf(tree) ?? -1)].some((one) => hurt.has(one))
  const lost: Omit<LostBackup, 'backup'>[] = []
  const names: string[] = []
  for (const { name, read } of snapshots) {
    if (read instanceof TillsafeError) {
      names.push(name)
      lost.push({ opens: !hasCode(read, 'vault.damaged'), count: 1, first: ['/'] })
    } else if (isHurt(Buffer.from(read.tree, 'hex'))) {
      const found = new LostPaths()
      await collect(repository, index, Buffer.from(read.tree, 'hex'), '', isHurt, found)
      names.push(name)
      lost.push({ opens: !found.first.includes('/'), count: found.count, first: found.first })
    }
  }
  if (lost.length === 0) {
    return []
  }
  const named = await nameSnapshots(place, repository, index, snapshots)
  return lost.flatMap((one, position) => {
    const backup = named.get(names[position] ?? '')
    return backup === undefined ? [] : [{ backup, ...one }]
  })
}

class LostPaths {
  readonly first: string[] = []
  count = 0

  add(path: string): void {
    this.count += 1
    if (this.first.length < FIRST) {
      this.first.push(path)
    }
  }
}

/** Goes only where something is lost. A folder that can't be read is lost as one; the root is `/`. */
async function collect(
  repository: Repository,
  index: BlobIndex,
  tree: Buffer,
  above: string,
  isHurt: (tree: Buffer) => boolean,
  lost: LostPaths,
): Promise<void> {
  const nodes = await readTree(repository, index, tree).catch((error: unknown): TreeNode[] | undefined => {
    if (hasCode(error, 'vault.damaged', 'destination.failed')) {
      return undefined
    }
    throw error
  })
  if (nodes === undefined) {
    lost.add(`${above}/`)
    return
  }
  for (const node of nodes) {
    const path = `${above}/${printable(node.name)}`
    if (node.kind === 'file' && isLost(index, node)) {
      lost.add(path)
    } else if (node.kind === 'folder' && isHurt(node.subtree)) {
      await collect(repository, index, node.subtree, path, isHurt, lost)
    }
  }
}

function isLost(index: BlobIndex, { content }: FileNode): boolean {
  for (let start = 0; start < content.byteLength; start += ID_BYTES) {
    if (!index.has('data', content.subarray(start, start + ID_BYTES))) {
      return true
    }
  }
  return false
}
