import { crc32, deflateRawSync } from 'node:zlib'

/** What one record says of an entry: every field can be made to lie. */
export interface RawFields {
  readonly signature: number
  readonly versionMade: number
  readonly version: number
  readonly flags: number
  readonly method: number
  readonly time: number
  readonly date: number
  readonly crc: number
  readonly compressedBytes: number
  readonly bytes: number
  readonly name: Buffer
  readonly extra: Buffer
  readonly comment: Buffer
  readonly disk: number
  readonly internal: number
  readonly external: number
  readonly offset: number
}

/** One entry: what it holds, and where its records differ from the truth. */
export interface RawEntry {
  readonly name: string | Buffer
  readonly content?: Buffer
  readonly method?: 0 | 8
  /** The bytes as they stand in the file, instead of the content stored or deflated. */
  readonly data?: Buffer
  /** In both records. */
  readonly both?: Partial<RawFields>
  readonly local?: Partial<RawFields>
  readonly central?: Partial<RawFields>
  /** Instead of the one that tells the truth. */
  readonly descriptor?: Buffer
  /** Stands before the local header. */
  readonly before?: Buffer
  /** No local part of its own: the directory points at what is there already. */
  readonly onlyInDirectory?: boolean
}

/** What stands around the entries. */
export interface RawLayout {
  readonly beforeDirectory?: Buffer
  readonly afterDirectory?: Buffer
  readonly end?: Partial<RawEnd>
  /** Writes the records of 64 bits, with these lies. */
  readonly wideEnd?: Partial<RawWideEnd>
  readonly after?: Buffer
}

interface RawEnd {
  readonly disk: number
  readonly directoryDisk: number
  readonly entriesHere: number
  readonly entries: number
  readonly directoryBytes: number
  readonly directoryOffset: number
  readonly comment: Buffer
}

interface RawWideEnd {
  readonly size: bigint
  readonly disk: number
  readonly entriesHere: bigint
  readonly entries: bigint
  readonly directoryBytes: bigint
  readonly directoryOffset: bigint
  readonly more: Buffer
  readonly locatorDisk: number
  readonly recordOffset: bigint
  readonly disks: number
}

/** The entries of a ZIP and its directory, without the end. */
export interface RawBody {
  readonly bytes: Buffer
  readonly entries: number
  readonly directoryOffset: number
}

/**
 * A ZIP put together by hand, knowing nothing of the engine's own code. Without lies it is what the engine writes:
 * names in UTF-8, descriptors, 1980-01-01, mode 0644.
 */
export function rawZip(entries: readonly RawEntry[], layout: RawLayout = {}): Buffer {
  return ended(rawBody(entries, layout.beforeDirectory), layout)
}

/** A ZIP up to the end of its directory. */
export function rawBody(entries: readonly RawEntry[], beforeDirectory: Buffer = NOTHING): RawBody {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  const put = (bytes: Buffer): void => {
    parts.push(bytes)
    offset += bytes.byteLength
  }
  for (const entry of entries) {
    put(entry.before ?? NOTHING)
    const truth = truthOf(entry, offset)
    directory.push(centralRecord({ ...truth, ...entry.both, ...entry.central }))
    if (!entry.onlyInDirectory) {
      put(localHeader({ ...truth, ...STREAMED, ...entry.both, ...entry.local }))
      put(dataOf(entry))
      put(entry.descriptor ?? rawDescriptor(truth))
    }
  }
  put(beforeDirectory)
  return { bytes: Buffer.concat([...parts, ...directory]), entries: directory.length, directoryOffset: offset }
}

/** The body with its end. */
export function ended({ bytes, entries, directoryOffset }: RawBody, layout: RawLayout): Buffer {
  const extent = { entries, directoryOffset, directoryBytes: bytes.byteLength - directoryOffset }
  const between = layout.afterDirectory ?? NOTHING
  const wide =
    layout.wideEnd === undefined ? NOTHING : wideEnd(extent, bytes.byteLength + between.byteLength, layout.wideEnd)
  return Buffer.concat([bytes, between, wide, endRecord(extent, layout.end ?? {}), layout.after ?? NOTHING])
}

/** The record after the bytes of an entry, with sizes of 32 bits. */
export function rawDescriptor({
  crc,
  compressedBytes,
  bytes,
}: Pick<RawFields, 'crc' | 'compressedBytes' | 'bytes'>): Buffer {
  return numbers([4, 0x08074b50], [4, crc], [4, compressedBytes], [4, bytes])
}

/** Numbers in little endian, each with its width in bytes. */
export function numbers(...fields: readonly (readonly [width: 2 | 4 | 8, value: number | bigint])[]): Buffer {
  const bytes = Buffer.allocUnsafe(fields.reduce((sum, [width]) => sum + width, 0))
  let at = 0
  for (const [width, value] of fields) {
    at = width === 8 ? bytes.writeBigUInt64LE(BigInt(value), at) : bytes.writeUIntLE(Number(value), at, width)
  }
  return bytes
}

const NOTHING = Buffer.alloc(0)
/** What a local header says of an entry whose sizes follow it. */
const STREAMED = { version: 20, crc: 0, compressedBytes: 0, bytes: 0, extra: NOTHING, signature: 0x04034b50 }

function dataOf({ content = NOTHING, method = 0, data }: RawEntry): Buffer {
  return data ?? (method === 0 ? content : deflateRawSync(content))
}

function truthOf(entry: RawEntry, offset: number): RawFields {
  const { name, content = NOTHING, method = 0 } = entry
  return {
    signature: 0x02014b50,
    versionMade: 0x032d,
    version: 20,
    flags: 0x0808,
    method,
    time: 0,
    date: 0x21,
    crc: crc32(content),
    compressedBytes: dataOf(entry).byteLength,
    bytes: content.byteLength,
    name: Buffer.from(name),
    extra: NOTHING,
    comment: NOTHING,
    disk: 0,
    internal: 0,
    external: 0o100644 * 0x10000,
    offset,
  }
}

function localHeader(of: RawFields): Buffer {
  const head = numbers(
    [4, of.signature],
    [2, of.version],
    [2, of.flags],
    [2, of.method],
    [2, of.time],
    [2, of.date],
    [4, of.crc],
    [4, of.compressedBytes],
    [4, of.bytes],
    [2, of.name.byteLength],
    [2, of.extra.byteLength],
  )
  return Buffer.concat([head, of.name, of.extra])
}

function centralRecord(of: RawFields): Buffer {
  const head = numbers(
    [4, of.signature],
    [2, of.versionMade],
    [2, of.version],
    [2, of.flags],
    [2, of.method],
    [2, of.time],
    [2, of.date],
    [4, of.crc],
    [4, of.compressedBytes],
    [4, of.bytes],
    [2, of.name.byteLength],
    [2, of.extra.byteLength],
    [2, of.comment.byteLength],
    [2, of.disk],
    [2, of.internal],
    [4, of.external],
    [4, of.offset],
  )
  return Buffer.concat([head, of.name, of.extra, of.comment])
}

interface Extent {
  readonly entries: number
  readonly directoryBytes: number
  readonly directoryOffset: number
}

function endRecord({ entries, directoryBytes, directoryOffset }: Extent, lies: Partial<RawEnd>): Buffer {
  const truth = { disk: 0, directoryDisk: 0, entriesHere: entries, entries, directoryBytes, directoryOffset }
  const of = { ...truth, comment: NOTHING, ...lies }
  const head = numbers(
    [4, 0x06054b50],
    [2, of.disk],
    [2, of.directoryDisk],
    [2, of.entriesHere],
    [2, of.entries],
    [4, of.directoryBytes],
    [4, of.directoryOffset],
    [2, of.comment.byteLength],
  )
  return Buffer.concat([head, of.comment])
}

function wideEnd(extent: Extent, at: number, lies: Partial<RawWideEnd>): Buffer {
  const entries = BigInt(extent.entries)
  const directory = {
    directoryBytes: BigInt(extent.directoryBytes),
    directoryOffset: BigInt(extent.directoryOffset),
  }
  const truth = { size: 44n, disk: 0, entriesHere: entries, entries, ...directory }
  const of = { ...truth, more: NOTHING, locatorDisk: 0, recordOffset: BigInt(at), disks: 1, ...lies }
  const record = numbers(
    [4, 0x06064b50],
    [8, of.size],
    [2, 0x032d],
    [2, 45],
    [4, of.disk],
    [4, 0],
    [8, of.entriesHere],
    [8, of.entries],
    [8, of.directoryBytes],
    [8, of.directoryOffset],
  )
  const locator = numbers([4, 0x07064b50], [4, of.locatorDisk], [8, of.recordOffset], [4, of.disks])
  return Buffer.concat([record, of.more, locator])
}
