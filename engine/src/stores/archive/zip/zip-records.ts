import type { DosTime } from './dos-time.ts'

/** One entry as its records describe it. The same facts always give the same bytes: the reader compares them. */
export interface ZipFacts {
  readonly name: Buffer
  readonly method: number
  readonly modified: DosTime
  readonly crc32: number
  readonly bytes: number
  readonly compressedBytes: number
  /** Where its local header begins. */
  readonly offset: number
  /** Whether its sizes are written with 64 bits. */
  readonly wide: boolean
}

/** What is known of an entry before its bytes have been read. */
export type ZipHeading = Pick<ZipFacts, 'name' | 'method' | 'modified' | 'wide'>

/** What is known of an entry once its bytes have been read. */
export type ZipSum = Pick<ZipFacts, 'crc32' | 'bytes' | 'compressedBytes' | 'wide'>

/** Where the directory lies, and how much it holds. */
export interface ZipExtent {
  readonly entries: number
  readonly directoryOffset: number
  readonly directoryBytes: number
}

const LOCAL_HEADER = 0x04034b50
const DIRECTORY_RECORD = 0x02014b50
export const DIRECTORY_RECORD_BYTES = 46
export const END_RECORD = 0x06054b50
export const END_RECORD_BYTES = 22
export const WIDE_END_BYTES = 76
export const STORED = 0
export const DEFLATED = 8
/** The sizes and the CRC-32 follow the bytes; names are UTF-8. */
export const FLAGS = 0x0808
/** A plain file that its owner may write and everybody may read. */
const PLAIN_FILE = 0o100644 * 0x10000
/** A number from here on does not fit 32 bits: this value itself says "look at the 64 bits". */
export const TOO_WIDE = 0xffffffff
export const TOO_MANY = 0xffff

const VERSION = 20
const WIDE_VERSION = 45
const MADE_ON_UNIX = 3 * 0x100
const WIDE_EXTRA = 0x0001

/** Stands before the bytes of an entry (APPNOTE 4.3.7). */
export function localHeader({ name, method, modified, wide }: ZipHeading): Buffer {
  const narrow = wide ? TOO_WIDE : 0
  const extra = wide ? [u16(WIDE_EXTRA), u16(16), u64(0), u64(0)] : []
  return Buffer.concat([
    u32(LOCAL_HEADER),
    u16(wide ? WIDE_VERSION : VERSION),
    u16(FLAGS),
    u16(method),
    u16(modified.time),
    u16(modified.date),
    u32(0),
    u32(narrow),
    u32(narrow),
    u16(name.byteLength),
    u16(wide ? 20 : 0),
    name,
    ...extra,
  ])
}

/** Stands after the bytes of an entry (4.3.9). */
export function dataDescriptor({ crc32, bytes, compressedBytes, wide }: ZipSum): Buffer {
  const size = wide ? u64 : u32
  return Buffer.concat([u32(0x08074b50), u32(crc32), size(compressedBytes), size(bytes)])
}

/** Stands in the directory at the end (4.3.12). */
export function directoryRecord(facts: ZipFacts): Buffer {
  const { name, method, modified, crc32, bytes, compressedBytes, offset, wide } = facts
  const far = offset >= TOO_WIDE
  const wideFields = [...(wide ? [u64(bytes), u64(compressedBytes)] : []), ...(far ? [u64(offset)] : [])]
  const extra = wideFields.length > 0 ? [u16(WIDE_EXTRA), u16(8 * wideFields.length), ...wideFields] : []
  const version = extra.length > 0 ? WIDE_VERSION : VERSION
  return Buffer.concat([
    u32(DIRECTORY_RECORD),
    u16(MADE_ON_UNIX + WIDE_VERSION),
    u16(version),
    u16(FLAGS),
    u16(method),
    u16(modified.time),
    u16(modified.date),
    u32(crc32),
    u32(wide ? TOO_WIDE : compressedBytes),
    u32(wide ? TOO_WIDE : bytes),
    u16(name.byteLength),
    u16(extra.length > 0 ? 4 + 8 * wideFields.length : 0),
    u16(0), // no comment
    u16(0), // the first disk
    u16(0), // nothing about its contents
    u32(PLAIN_FILE),
    u32(far ? TOO_WIDE : offset),
    name,
    ...extra,
  ])
}

/** The end of a ZIP (4.3.14 to 4.3.16); the records with 64 bits come with it where it needs them. */
export function endRecords({ entries, directoryOffset, directoryBytes }: ZipExtent): Buffer {
  const wide = entries >= TOO_MANY || directoryOffset >= TOO_WIDE || directoryBytes >= TOO_WIDE
  const count = u16(Math.min(entries, TOO_MANY))
  return Buffer.concat([
    ...(wide ? [wideEndRecords({ entries, directoryOffset, directoryBytes })] : []),
    u32(END_RECORD),
    u32(0), // the first disk, twice
    count,
    count,
    u32(Math.min(directoryBytes, TOO_WIDE)),
    u32(Math.min(directoryOffset, TOO_WIDE)),
    u16(0), // no comment
  ])
}

function wideEndRecords({ entries, directoryOffset, directoryBytes }: ZipExtent): Buffer {
  return Buffer.concat([
    u32(0x06064b50),
    u64(44),
    u16(MADE_ON_UNIX + WIDE_VERSION),
    u16(WIDE_VERSION),
    u64(0), // the first disk, twice
    u64(entries),
    u64(entries),
    u64(directoryBytes),
    u64(directoryOffset),
    u32(0x07064b50),
    u32(0),
    u64(directoryOffset + directoryBytes),
    u32(1), // disks
  ])
}

function u16(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(2)
  bytes.writeUInt16LE(value)
  return bytes
}

function u32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function u64(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}
