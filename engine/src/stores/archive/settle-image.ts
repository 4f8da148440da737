import { open } from 'node:fs/promises'
import type { Content } from '../../snapshot/content.ts'
import type { Entry } from '../../snapshot/entry.ts'
import { fileContent } from '../../snapshot/file-content.ts'
import { throwIfCancelled } from '../../work/cancel.ts'
import { diskFailure } from '../../work/disk-failure.ts'
import { TemporaryFolder } from '../../work/temporary-folder.ts'
import type { Meter } from '../meter.ts'
import { type ChangedImage, IMAGE_ATTEMPTS, ImageAgain, readImage, type UnreadableImage } from '../read-image.ts'

/** An image that no longer changes: in memory, or in a file of ours that is removed when it is put away. */
export interface SettledImage extends AsyncDisposable {
  readonly kind: 'settled'
  readonly content: Content
}

/**
 * Reads an image so that its bytes stay what they are: what has been written into a ZIP can't be taken back. A large
 * one is copied to `scratch`.
 */
export async function settleImage(
  entry: Entry,
  scratch: string,
  meter: Meter,
): Promise<SettledImage | UnreadableImage> {
  for (let attempt = 1; attempt <= IMAGE_ATTEMPTS; attempt++) {
    const settled = await trySettle(entry, scratch, meter)
    if (settled.kind !== 'changed') {
      return settled
    }
  }
  return { kind: 'unreadable', why: 'it kept changing while it was read' }
}

async function trySettle(
  entry: Entry,
  scratch: string,
  meter: Meter,
): Promise<SettledImage | ChangedImage | UnreadableImage> {
  const found = await readImage(entry, meter)
  if (found.kind === 'unreadable') {
    return found
  }
  if (found.content !== undefined) {
    return { kind: 'settled', content: found.content, [Symbol.asyncDispose]: async () => undefined }
  }
  const again = new ImageAgain(entry, found)
  const folder = await TemporaryFolder.make(scratch, 'image-')
  try {
    const file = folder.join('image')
    await copy(again, file, meter)
    const content = fileContent(file, found.bytes)
    return { kind: 'settled', content, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
  } catch (error) {
    await folder[Symbol.asyncDispose]()
    throwIfCancelled(meter.signal)
    if (again.failure !== undefined) {
      return again.failure
    }
    throw await diskFailure(error, scratch)
  }
}

async function copy(content: Content, path: string, meter: Meter): Promise<void> {
  await using file = await open(path, 'wx', 0o600)
  for await (const chunk of await content.open()) {
    throwIfCancelled(meter.signal)
    await file.writeFile(chunk)
  }
}
