import { LEVEL } from '../format/compression-levels.ts'
import type { BlobWriter } from './blob-writer.ts'
import { PendingContent } from './pending-content.ts'
import type { TreeBuilder } from './tree-builder.ts'

/** Stores a small file of the snapshot. */
export async function saveFile(
  trees: TreeBuilder,
  blobs: BlobWriter,
  { path, plain, modifiedMs }: { readonly path: string; readonly plain: Uint8Array; readonly modifiedMs: number },
): Promise<void> {
  const content = new PendingContent()
  if (plain.byteLength > 0) {
    await blobs.add(plain, LEVEL, content.reserve())
  }
  content.whenKnown(await trees.file(path, { bytes: plain.byteLength, modifiedMs }))
}
