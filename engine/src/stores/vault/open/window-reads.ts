import { ID_BYTES } from '../format/blob-id.ts'
import type { SealedBlobs } from '../format/open-blobs.ts'
import type { BlobTargets } from '../pool/vault-task.ts'
import type { BlobTable } from '../repository/blob-table.ts'
import type { ContentBlob } from './content-blobs.ts'

/** A stretch of a file, and the blobs that hold it. */
export interface Window {
  readonly start: number
  readonly bytes: number
  readonly blobs: readonly ContentBlob[]
}

/** A part of a pack, read in one go: the blobs in it, and where they belong in the window. */
export interface WindowRead {
  /** The number of the pack. */
  readonly pack: number
  readonly start: number
  readonly end: number
  /** Numbers of the places of the blobs. */
  readonly numbers: readonly number[]
  readonly blobs: SealedBlobs
  readonly targets: BlobTargets
}

/** Blobs that lie so near to each other in a pack are read in one go. */
const GAP_BYTES = 64 * 1024
/** What is read of a pack at once. */
const READ_BYTES = 4 * 1024 * 1024

/** As few reads as the places of a window's blobs allow. */
export function* readsOf(table: BlobTable, window: Window): Iterable<WindowRead> {
  const sorted = window.blobs.toSorted(
    (a, b) => table.packOf(a.number) - table.packOf(b.number) || table.offsetOf(a.number) - table.offsetOf(b.number),
  )
  let read: ContentBlob[] = []
  for (const blob of sorted) {
    if (!fitsTo(table, read, blob)) {
      yield readOf(table, read, window.start)
      read = []
    }
    read.push(blob)
  }
  yield readOf(table, read, window.start)
}

function fitsTo(table: BlobTable, read: readonly ContentBlob[], { number }: ContentBlob): boolean {
  const [first = number, last = number] = [read[0]?.number, read.at(-1)?.number]
  const gap = table.offsetOf(number) - endOf(table, last)
  const reach = endOf(table, number) - table.offsetOf(first)
  return read.length === 0 || (table.packOf(first) === table.packOf(number) && gap <= GAP_BYTES && reach <= READ_BYTES)
}

function endOf(table: BlobTable, number: number): number {
  return table.offsetOf(number) + table.lengthOf(number)
}

/** What the threads are told of blobs that lie near to each other; the same blob may be there several times. */
function readOf(table: BlobTable, read: readonly ContentBlob[], windowStart: number): WindowRead {
  const numbers = read.filter((one, at) => one.number !== read[at - 1]?.number).map(({ number }) => number)
  const start = table.offsetOf(numbers[0] ?? 0)
  const ids = new Uint8Array(numbers.length * ID_BYTES)
  for (const [blob, number] of numbers.entries()) {
    ids.set(table.ids.idAt(number), blob * ID_BYTES)
  }
  const blobs = {
    ids,
    offsets: Uint32Array.from(numbers, (number) => table.offsetOf(number) - start),
    lengths: Uint32Array.from(numbers, (number) => table.lengthOf(number)),
    plainLengths: Uint32Array.from(numbers, (number) => table.compressedFrom(number)),
  }
  const end = numbers.reduce((last, number) => Math.max(last, endOf(table, number)), start)
  return { pack: table.packOf(numbers[0] ?? 0), start, end, numbers, blobs, targets: targetsOf(read, windowStart) }
}

function targetsOf(read: readonly ContentBlob[], windowStart: number): BlobTargets {
  const blobs = new Uint32Array(read.length)
  for (const [at, { number }] of read.entries()) {
    const before = blobs[at - 1] ?? 0
    blobs[at] = at === 0 || number === read[at - 1]?.number ? before : before + 1
  }
  return { blobs, positions: Int32Array.from(read, ({ start }) => start - windowStart) }
}
