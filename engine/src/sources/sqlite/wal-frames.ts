import { readSync } from 'node:fs'
import type { PageCipher } from './page-cipher.ts'
import type { WalIndex } from './wal-index.ts'

/** Where the pages lie that the WAL holds in a newer version than the database file: page number → file offset. */
export type WalPages = ReadonlyMap<number, number>

const WAL_HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24
const MAGIC_LITTLE = 0x377f0682
const MAGIC_BIG = 0x377f0683
const FRAMES_PER_READ = 256

/** Whether a frame belongs where it lies. Asked of each, in order. */
type Fits = (frame: Buffer) => boolean

/**
 * The pages in the first `index.frames` frames of a WAL, each with its newest place. Every frame's salts and running
 * checksum are compared (https://sqlite.org/fileformat2.html §4.2): a WAL that does not fit its index gives undefined.
 * SQLCipher sums up what stands in the file, encrypted; SQLite3MC before 1.3 summed up what it encrypted afterwards. There,
 * each page's HMAC takes the place of the sum: frames up to the index's mark are never written again.
 */
export function readWalPages(descriptor: number, index: WalIndex, cipher?: PageCipher): WalPages | undefined {
  const header = Buffer.alloc(WAL_HEADER_BYTES)
  readSync(descriptor, header, 0, WAL_HEADER_BYTES, 0)
  const sum = headerChecksum(header, index)
  if (sum === undefined) {
    return undefined
  }
  const summed = collectPages(descriptor, index, (frame) => hasSalts(frame, index) && isInSum(frame, sum))
  return (
    summed ??
    (cipher && collectPages(descriptor, index, (frame) => hasSalts(frame, index) && isAuthentic(frame, cipher)))
  )
}

function collectPages(descriptor: number, index: WalIndex, fits: Fits): WalPages | undefined {
  const frameBytes = FRAME_HEADER_BYTES + index.pageSize
  const buffer = Buffer.allocUnsafe(frameBytes * FRAMES_PER_READ)
  const pages = new Map<number, number>()
  for (let frame = 0; frame < index.frames; frame += FRAMES_PER_READ) {
    const count = Math.min(FRAMES_PER_READ, index.frames - frame)
    const at = WAL_HEADER_BYTES + frame * frameBytes
    if (readSync(descriptor, buffer, 0, count * frameBytes, at) !== count * frameBytes) {
      return undefined
    }
    for (let n = 0; n < count; n += 1) {
      const bytes = buffer.subarray(n * frameBytes, (n + 1) * frameBytes)
      if (!fits(bytes)) {
        return undefined
      }
      pages.set(bytes.readUInt32BE(0), at + n * frameBytes + FRAME_HEADER_BYTES)
    }
  }
  return pages
}

/** The running checksum of a WAL: two 32-bit sums over words in the order that the magic number names. */
interface Checksum {
  readonly littleEndian: boolean
  first: number
  second: number
}

function headerChecksum(header: Buffer, index: WalIndex): Checksum | undefined {
  const magic = header.readUInt32BE(0)
  const isWal = magic === MAGIC_LITTLE || magic === MAGIC_BIG
  if (!isWal || header.readUInt32BE(8) !== index.pageSize || !header.subarray(16, 24).equals(index.salts)) {
    return undefined
  }
  const sum: Checksum = { littleEndian: magic === MAGIC_LITTLE, first: 0, second: 0 }
  addTo(sum, header.subarray(0, 24))
  return isSum(sum, header, 24) ? sum : undefined
}

function hasSalts(frame: Buffer, index: WalIndex): boolean {
  return frame.subarray(8, 16).equals(index.salts)
}

function isInSum(frame: Buffer, sum: Checksum): boolean {
  addTo(sum, frame.subarray(0, 8))
  addTo(sum, frame.subarray(FRAME_HEADER_BYTES))
  return isSum(sum, frame, 16)
}

function isAuthentic(frame: Buffer, cipher: PageCipher): boolean {
  const page = frame.subarray(FRAME_HEADER_BYTES)
  return page.byteLength === cipher.pageSize && cipher.isAuthentic(page, frame.readUInt32BE(0))
}

function isSum(sum: Checksum, bytes: Buffer, at: number): boolean {
  return bytes.readUInt32BE(at) === sum.first && bytes.readUInt32BE(at + 4) === sum.second
}

function addTo(sum: Checksum, bytes: Buffer): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let { first, second } = sum
  for (let at = 0; at < bytes.byteLength; at += 8) {
    first = (first + view.getUint32(at, sum.littleEndian) + second) >>> 0
    second = (second + view.getUint32(at + 4, sum.littleEndian) + first) >>> 0
  }
  sum.first = first
  sum.second = second
}
