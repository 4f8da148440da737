import type { Entry } from 'yauzl'
import type { ZipLimits } from './zip-limits.ts'
import { DEFLATED, FLAGS, STORED, TOO_WIDE, type ZipFacts } from './zip-records.ts'
import { quoted, unsafeZip } from './zip-refusal.ts'

/** What the directory says of an entry, when it is something that one of ours could say. */
export function factsOf(entry: Entry, limits: ZipLimits): ZipFacts {
  const facts = {
    name: entry.fileNameRaw,
    method: entry.compressionMethod,
    modified: { date: entry.lastModFileDate, time: entry.lastModFileTime },
    crc32: entry.crc32,
    bytes: entry.uncompressedSize,
    compressedBytes: entry.compressedSize,
    offset: entry.relativeOffsetOfLocalHeader,
    wide: isWide(entry),
  }
  const wrong = wrongKind(entry) ?? wrongNumbers(facts, limits)
  if (wrong !== undefined) {
    throw unsafeZip(`${quoted(String(facts.name))} ${wrong}`)
  }
  return facts
}

/** Its sizes have 64 bits when they are in its only extra field: two numbers, or three with the offset. */
function isWide({ extraFields: [first] }: Entry): boolean {
  return first !== undefined && first.data.byteLength >= 16
}

function wrongKind({ generalPurposeBitFlag, compressionMethod, externalFileAttributes }: Entry): string | undefined {
  if ((generalPurposeBitFlag & ENCRYPTED) !== 0) {
    return 'is encrypted'
  }
  if (compressionMethod !== STORED && compressionMethod !== DEFLATED) {
    return `is compressed in a way that ours is not (${compressionMethod})`
  }
  if (externalFileAttributes >>> 28 !== PLAIN) {
    return 'is no plain file: a link, a folder or a device'
  }
  return generalPurposeBitFlag === FLAGS ? undefined : 'is written in a way that ours is not'
}

function wrongNumbers(
  { method, bytes, compressedBytes, offset, wide }: ZipFacts,
  limits: ZipLimits,
): string | undefined {
  if (![bytes, compressedBytes, offset].every(Number.isSafeInteger)) {
    return 'claims more than a file can hold'
  }
  if (!wide && Math.max(bytes, compressedBytes) >= TOO_WIDE) {
    return 'needs sizes of 64 bits and has none'
  }
  if (method === STORED && bytes !== compressedBytes) {
    return 'has two different sizes'
  }
  return bytes > compressedBytes * limits.ratio ? 'claims to become larger than anything can' : undefined
}

/** Encrypted, strongly encrypted, with an encrypted directory. */
const ENCRYPTED = 0x0001 | 0x0040 | 0x2000
const PLAIN = 0o10
