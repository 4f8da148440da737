import { TillsafeError, type VaultSnapshotFile } from '../../../model/index.ts'
import { type FoundLabel, judgeLabel } from '../../find-labels.ts'
import { hasCode } from '../../has-code.ts'
import { claimedId, LABEL_FILE_BYTES } from '../../label-file.ts'
import { ID_BYTES } from '../format/blob-id.ts'
import type { FileNode, TreeNode } from '../format/tree.ts'
import { aheadInOrder, FILES_AHEAD } from '../repository/ahead-in-order.ts'
import type { BlobIndex } from '../repository/blob-index.ts'
import { readTree } from '../repository/read-tree.ts'
import type { Repository } from '../repository/repository.ts'
import { LABEL_NAME } from '../vault-paths.ts'
import type { VaultPlace } from '../vault-place.ts'

/** A snapshot of the vault that says it is a backup of Tillsafe. `stem` is the name of its file. */
export interface FoundSnapshot {
  readonly found: FoundLabel
  /** The id of its root; none when the snapshot file can't be read. */
  readonly tree: Buffer | undefined
  /** What lies at its root, when that could be read. */
  readonly nodes: readonly TreeNode[]
}

/** The tag by which backups are told from what other programs keep in the same vault. */
export const OWN_TAG = 'tillsafe'

/** The backups of a vault with their labels, in the order in which they were taken. Snapshots of other programs are passed over. */
export async function* readSnapshots(
  place: VaultPlace,
  repository: Repository,
  index: BlobIndex,
): AsyncIterable<FoundSnapshot> {
  const reading = aheadInOrder(await inOrder(repository), FILES_AHEAD, ({ name, read }) =>
    readOne(place, repository, index, name, read),
  )
  for await (const found of reading) {
    if (found !== undefined) {
      yield found
    }
  }
}

/** A snapshot file as it was found: what it says, or why it can't be read. */
interface SnapshotFile {
  readonly name: string
  readonly read: VaultSnapshotFile | TillsafeError
}

async function inOrder(repository: Repository): Promise<SnapshotFile[]> {
  const files: SnapshotFile[] = []
  const reading = aheadInOrder(repository.files.list('snapshots'), FILES_AHEAD, async (name) => ({
    name,
    read: await repository.readSnapshot(name).catch(damageOf),
  }))
  for await (const { name, read } of reading) {
    if (read !== undefined && (read instanceof TillsafeError || isOwn(read))) {
      files.push({ name, read })
    }
  }
  return files.sort((a, b) => timeOf(a) - timeOf(b))
}

/** Undefined for what has been removed meanwhile. */
function damageOf(error: unknown): TillsafeError | undefined {
  if (hasCode(error, 'object.missing')) {
    return undefined
  }
  if (!(error instanceof TillsafeError) || hasCode(error, 'destination.missing')) {
    throw error
  }
  return error
}

function timeOf({ read }: SnapshotFile): number {
  return read instanceof TillsafeError ? 0 : Date.parse(read.time)
}

async function readOne(
  place: VaultPlace,
  repository: Repository,
  index: BlobIndex,
  name: string,
  read: SnapshotFile['read'],
): Promise<FoundSnapshot | undefined> {
  let label: Uint8Array = new Uint8Array()
  let nodes: TreeNode[] = []
  let tree: Buffer | undefined
  try {
    if (read instanceof TillsafeError) {
      throw read
    }
    tree = Buffer.from(read.tree, 'hex')
    nodes = await readTree(repository, index, tree)
    label = await readLabel(repository, index, nodes)
    return { found: judgeLabel(place, name, label), tree, nodes }
  } catch (error) {
    const damage = damageOf(error)
    return (
      damage && {
        found: { kind: 'unreadable', stem: name, id: claimedId(label), error: asBackupDamage(damage) },
        tree,
        nodes,
      }
    )
  }
}

function isOwn({ tags }: VaultSnapshotFile): boolean {
  return tags?.includes(OWN_TAG) === true
}

async function readLabel(repository: Repository, index: BlobIndex, nodes: readonly TreeNode[]): Promise<Buffer> {
  const node = nodes.find((one): one is FileNode => one.kind === 'file' && one.name === LABEL_NAME)
  if (node === undefined || node.content.byteLength !== ID_BYTES || node.bytes > LABEL_FILE_BYTES) {
    throw new TillsafeError('backup.label-damaged', 'the snapshot has no label')
  }
  return await repository.readBlob(index, 'data', node.content)
}

/** Damage of the vault is damage of the backup that is asked for. */
export function asBackupDamage<E>(error: E): E | TillsafeError {
  return hasCode(error, 'vault.damaged') ? new TillsafeError('backup.damaged', error.message, { cause: error }) : error
}
