import { type Label, TillsafeError } from '../../../model/index.ts'
import { type Entry, isEntryPath } from '../../../snapshot/entry.ts'
import type { Snapshot } from '../../../snapshot/snapshot.ts'
import type { JobContext } from '../../../work/job-context.ts'
import { factsOf, headingOf } from '../../label-parts.ts'
import type { FileNode, TreeNode } from '../format/tree.ts'
import { readTree } from '../repository/read-tree.ts'
import { readDatabaseNode } from '../snapshots/read-database-node.ts'
import { asBackupDamage } from '../snapshots/read-snapshots.ts'
import { IMAGES_PREFIX, SETTINGS_NAME } from '../vault-paths.ts'
import type { OpenedVault } from './opened-vault.ts'
import { vaultContent } from './vault-content.ts'

/** A backup of a vault as a snapshot. Its bytes are compared with their ids as they are read; put away, its threads end and its lock is given back. */
export function openBackup(
  vault: OpenedVault & AsyncDisposable,
  label: Label,
  nodes: readonly TreeNode[],
  job: JobContext,
): Snapshot {
  return {
    heading: headingOf(label),
    entries: () => backupEntries(vault, label, nodes, job),
    facts: async () => factsOf(label),
    [Symbol.asyncDispose]: async () => await vault[Symbol.asyncDispose](),
  }
}

/** What a backup holds: the database first, then settings and images. */
export async function* backupEntries(
  vault: OpenedVault,
  label: Label,
  nodes: readonly TreeNode[],
  { signal }: JobContext,
): AsyncIterable<Entry> {
  const { pageSize } = label.database.fingerprint
  const database = await readDatabaseNode(vault.repository, vault.index, nodes).catch(asDamage)
  if (database === undefined) {
    throw new TillsafeError('backup.damaged', 'the database is missing')
  }
  yield { path: 'database.db', part: 'database', pageSize, ...vaultContent(vault, database, signal) }
  const settings = fileNamed(nodes, SETTINGS_NAME)
  if (settings !== undefined) {
    yield { path: SETTINGS_NAME, part: 'settings', ...vaultContent(vault, settings, signal) }
  }
  for await (const { path, file } of imagesOf(vault, nodes)) {
    const modified = file.modifiedMs === 0 ? {} : { modifiedMs: file.modifiedMs }
    yield { path, part: 'images', ...modified, ...vaultContent(vault, file, signal) }
  }
}

function fileNamed(nodes: readonly TreeNode[], name: string): FileNode | undefined {
  return nodes.find((node): node is FileNode => node.kind === 'file' && node.name === name)
}

/** The images of a backup in order of path. Error: `backup.damaged`. */
async function* imagesOf(
  vault: OpenedVault,
  nodes: readonly TreeNode[],
): AsyncIterable<{ readonly path: string; readonly file: FileNode }> {
  const folder = nodes.find((node) => node.kind === 'folder' && `${node.name}/` === IMAGES_PREFIX)
  if (folder?.kind === 'folder') {
    yield* walk(vault, IMAGES_PREFIX, folder.subtree)
  }
}

async function* walk(
  vault: OpenedVault,
  below: string,
  tree: Buffer,
): AsyncIterable<{ readonly path: string; readonly file: FileNode }> {
  for (const { node, key } of sortedNodes(await readTree(vault.repository, vault.index, tree).catch(asDamage))) {
    if (!isEntryPath(`${below}${node.name}`)) {
      throw new TillsafeError('backup.damaged', `there is a name in ${below} that no image may have`)
    }
    if (node.kind === 'folder') {
      yield* walk(vault, `${below}${key}`, node.subtree)
    } else if (node.kind === 'file') {
      yield { path: `${below}${node.name}`, file: node }
    }
  }
}

/** The key of a folder ends with a slash: so whole paths come in order. */
function sortedNodes(nodes: readonly TreeNode[]): { node: TreeNode; key: string }[] {
  return nodes
    .map((node) => ({ node, key: node.kind === 'folder' ? `${node.name}/` : node.name }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
}

/** Damage of the vault is damage of the backup that is read. */
function asDamage(error: unknown): never {
  throw asBackupDamage(error)
}
