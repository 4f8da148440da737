import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type MapOwner, PageMap } from '../../../snapshot/pages/page-map.ts'
import { makeFolder, replaceFile } from '../../../work/durable-files.ts'
import { hasCode } from '../../has-code.ts'
import type { FormerDatabase } from '../cut/cut-database.ts'
import { ID_BYTES } from '../format/blob-id.ts'
import type { FileNode } from '../format/tree.ts'
import { type BlobIndex, plainBytesOf } from '../repository/blob-index.ts'
import { readTree } from '../repository/read-tree.ts'
import type { Repository } from '../repository/repository.ts'
import { readDatabaseNode } from '../snapshots/read-database-node.ts'
import { IMAGES_PREFIX } from '../vault-paths.ts'
import type { VaultPlace } from '../vault-place.ts'
import { FormerImages } from './former-images.ts'

/** The last backup that this machine has stored, as far as it helps the next. */
export interface FormerBackup {
  /** The name of its snapshot file. */
  readonly name: string
  /** Undefined when it can't be used: a blob of it is gone. */
  readonly database: FormerDatabase | undefined
  readonly databaseNode: FileNode | undefined
  readonly images: FormerImages
}

/**
 * Finds the last backup by the hints of this machine. Hints that are lost, damaged, or of a backup that is gone are no
 * error: then everything is read.
 */
export async function findFormer(
  place: VaultPlace,
  repository: Repository,
  index: BlobIndex,
): Promise<FormerBackup | undefined> {
  const map = await readMap(hintFile(place, repository))
  if (map === undefined) {
    return undefined
  }
  try {
    const { tree, time } = await repository.readSnapshot(map.owner.snapshot)
    const nodes = await readTree(repository, index, Buffer.from(tree, 'hex'))
    const folder = nodes.find((node) => node.kind === 'folder' && `${node.name}/` === IMAGES_PREFIX)
    const images = new FormerImages(
      repository,
      index,
      folder?.kind === 'folder' ? folder.subtree : undefined,
      Date.parse(time),
    )
    const databaseNode = await readDatabaseNode(repository, index, nodes)
    return {
      name: map.owner.snapshot,
      database: formerDatabase(databaseNode, index, map),
      databaseNode,
      images,
    }
  } catch (error) {
    if (hasCode(error, 'object.missing', 'vault.damaged', 'destination.failed', 'destination.denied')) {
      return undefined
    }
    throw error
  }
}

/** Keeps the page map for the next backup. That it can't be kept fails nothing. */
export async function rememberPages(
  place: VaultPlace,
  repository: Repository,
  map: PageMap,
  owner: MapOwner,
): Promise<void> {
  try {
    await makeFolder(place.disk, place.hints)
    await replaceFile(place.disk, hintFile(place, repository), map.encode(owner))
  } catch {
    // the next backup reads everything
  }
}

/** Removes the drafts that a cut has left beside the hints. One that can't be removed stands in nobody's way. */
export async function sweepHints({ disk, hints }: VaultPlace): Promise<void> {
  const names = await disk.readdir(hints).catch(() => [])
  for (const draft of names.filter((name) => name.endsWith('.draft'))) {
    await disk.unlink(join(hints, draft)).catch(() => undefined)
  }
}

function hintFile({ hints }: VaultPlace, { config }: Repository): string {
  return join(hints, `${config.id.slice(0, 32)}.pages`)
}

async function readMap(file: string): Promise<PageMap | undefined> {
  try {
    return PageMap.decode(await readFile(file))
  } catch {
    return undefined
  }
}

/** Undefined when a blob of it is gone: it would be missing from the next backup too. */
function formerDatabase(node: FileNode | undefined, index: BlobIndex, map: PageMap): FormerDatabase | undefined {
  if (node === undefined) {
    return undefined
  }
  const { content } = node
  const bytes = new Uint32Array(content.byteLength / ID_BYTES)
  for (const [number] of bytes.entries()) {
    const place = index.find('data', content.subarray(number * ID_BYTES, (number + 1) * ID_BYTES))
    if (place === undefined) {
      return undefined
    }
    bytes[number] = plainBytesOf(place.blob)
  }
  return { cut: { ids: content, bytes }, map }
}
