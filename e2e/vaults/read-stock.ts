import type { Destination } from '../../engine/src/destinations/destination.ts'
import { readAll } from '../../engine/src/snapshot/bytes-content.ts'
import type { OpenedVault } from '../../engine/src/stores/vault/open/opened-vault.ts'
import { vaultContent } from '../../engine/src/stores/vault/open/vault-content.ts'
import { VaultWorkers } from '../../engine/src/stores/vault/pool/vault-workers.ts'
import { BlobIndex } from '../../engine/src/stores/vault/repository/blob-index.ts'
import { openRepository } from '../../engine/src/stores/vault/repository/open-repository.ts'
import { readTree } from '../../engine/src/stores/vault/repository/read-tree.ts'
import { VaultFiles } from '../../engine/src/stores/vault/repository/vault-files.ts'
import { PASSWORD, ROOT, type SavedFiles } from './made-vault.ts'

/** The files of a snapshot that restic has taken for itself. */
export async function readStock(destination: Destination, snapshot: string): Promise<SavedFiles> {
  const repository = await openRepository(new VaultFiles(destination, ROOT), [PASSWORD])
  const index = await repository.loadIndex(() => undefined)
  const { tree } = await repository.readSnapshot(snapshot)
  await using workers = new VaultWorkers(repository.key, new BlobIndex().ids('data').share())
  const files = new Map<string, Uint8Array>()
  await readFolder({ repository, index, workers }, Buffer.from(tree, 'hex'), '', files)
  return files
}

async function readFolder(
  vault: OpenedVault,
  tree: Buffer,
  above: string,
  files: Map<string, Uint8Array>,
): Promise<void> {
  for (const node of await readTree(vault.repository, vault.index, tree)) {
    if (node.kind === 'folder') {
      await readFolder(vault, node.subtree, `${above}${node.name}/`, files)
    } else if (node.kind === 'file') {
      const content = vaultContent(vault, node, new AbortController().signal)
      files.set(`${above}${node.name}`, await readAll(await content.open()))
    }
  }
}
