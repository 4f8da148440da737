import { TillsafeError } from '../../../model/index.ts'
import type { Content, Range } from '../../../snapshot/content.ts'
import { throwIfCancelled } from '../../../work/cancel.ts'
import { hasCode } from '../../has-code.ts'
import type { FileNode } from '../format/tree.ts'
import type { BlobTable } from '../repository/blob-table.ts'
import { blobsIn, type ContentBlob } from './content-blobs.ts'
import type { OpenedVault } from './opened-vault.ts'
import { ReusedMemory } from './reused-memory.ts'
import { readWindow } from './window-reader.ts'
import type { Window } from './window-reads.ts'

/** What is read and opened at once; the next such stretch is under way while one is used. */
const WINDOW_BYTES = 4 * 1024 * 1024
const WINDOWS_AHEAD = 2

/** A file of a vault. Every blob of it is compared with its id. Error: `backup.damaged`. */
export function vaultContent(vault: OpenedVault, file: FileNode, signal: AbortSignal): Content {
  return {
    bytes: file.bytes,
    async open(range = { start: 0, end: file.bytes }) {
      return readFile(vault, file, range, signal)
    },
  }
}

async function* readFile(
  vault: OpenedVault,
  file: FileNode,
  range: Range,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  let bytes = 0
  const memory = new ReusedMemory((room) => new SharedArrayBuffer(room))
  const readMemory = new ReusedMemory((room) => new ArrayBuffer(room))
  const table = vault.index.table('data')
  const underWay: Promise<Uint8Array<SharedArrayBuffer>>[] = []
  try {
    for (const window of windowsOf(table, blobsIn(table, file.content, range), range)) {
      throwIfCancelled(signal)
      underWay.push(readWindow(vault, window, memory.take(window.bytes), readMemory))
      underWay.at(-1)?.catch(() => undefined) // whoever awaits it in its turn hears of it
      if (underWay.length > WINDOWS_AHEAD) {
        const next = (await underWay.shift()) ?? memory.take(0)
        bytes += next.byteLength
        yield next
        memory.giveBack(next.buffer)
      }
    }
    for (const next of underWay) {
      const window = await next
      bytes += window.byteLength
      yield window
    }
    if (bytes !== range.end - range.start) {
      throw new TillsafeError('vault.damaged', `its blobs have ${bytes} bytes, not ${range.end - range.start}`)
    }
  } catch (error) {
    throw hasCode(error, 'vault.damaged')
      ? new TillsafeError('backup.damaged', `${file.name} cannot be read: ${error.message}`, { cause: error })
      : error
  }
}

/** Cuts a range into stretches of whole blobs, but for its first and its last. */
function* windowsOf(table: BlobTable, blobs: Iterable<ContentBlob>, { start, end }: Range): Iterable<Window> {
  let window: ContentBlob[] = []
  let from = start
  for (const blob of blobs) {
    window.push(blob)
    const reached = Math.min(end, blob.start + table.plainBytesOf(blob.number))
    if (reached - from >= WINDOW_BYTES) {
      yield { start: from, bytes: reached - from, blobs: window }
      window = []
      from = reached
    }
  }
  const last = window.at(-1)
  if (last !== undefined) {
    const reached = Math.min(end, last.start + table.plainBytesOf(last.number))
    yield { start: from, bytes: reached - from, blobs: window }
  }
}
