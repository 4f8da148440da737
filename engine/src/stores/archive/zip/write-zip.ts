import { crc32 } from 'node:zlib'
import { TillsafeError } from '../../../model/tillsafe-error.ts'
import { GrowingBytes } from '../../growing-bytes.ts'
import { deflated } from './deflated.ts'
import { dosTime } from './dos-time.ts'
import { keptChunks } from './kept-chunks.ts'
import { inLargerChunks } from './larger-chunks.ts'
import { ZipNames } from './zip-names.ts'
import {
  DEFLATED,
  dataDescriptor,
  directoryRecord,
  endRecords,
  localHeader,
  STORED,
  type ZipFacts,
  type ZipHeading,
} from './zip-records.ts'
import { quoted } from './zip-refusal.ts'

/** One file on its way into a ZIP. */
export interface ZipSource {
  readonly path: string
  /** In milliseconds since 1970; 1980-01-01 when it is not known. Kept to two seconds. */
  readonly modifiedMs?: number | undefined
  /** What `open` will give: another length is an error. Unknown ones are written with 64 bits. */
  readonly bytes?: number
  /** Of deflate, from 1 to 9; 0 stores. */
  readonly level: number
  open(): Promise<AsyncIterable<Uint8Array>>
}

/**
 * A ZIP as a stream, its entries in the order given. The next source is asked for once the one before has been read
 * whole, so a late entry may describe the earlier ones. The same sources give the same bytes. Chunks may be kept.
 */
export function writeZip(sources: AsyncIterable<ZipSource>): AsyncIterable<Uint8Array> {
  return inLargerChunks(zipped(sources))
}

async function* zipped(sources: AsyncIterable<ZipSource>): AsyncIterable<Uint8Array> {
  const names = new ZipNames()
  const directory = new GrowingBytes('the directory of the archive', DIRECTORY_BYTES)
  let entries = 0
  let offset = 0
  for await (const source of sources) {
    requireName(names, source.path)
    const facts = yield* writeEntry(source, offset)
    directory.add(directoryRecord(facts))
    entries++
    offset += localHeader(facts).byteLength + facts.compressedBytes + dataDescriptor(facts).byteLength
  }
  yield* await directory.content.open()
  yield endRecords({ entries, directoryOffset: offset, directoryBytes: directory.content.bytes })
}

/** Nothing that a manifest has room for needs more. */
const DIRECTORY_BYTES = 256 * 1024 * 1024

async function* writeEntry(source: ZipSource, offset: number): AsyncGenerator<Uint8Array, ZipFacts, undefined> {
  const heading: ZipHeading = {
    name: Buffer.from(source.path),
    method: source.level === 0 ? STORED : DEFLATED,
    modified: dosTime(source.modifiedMs),
    wide: source.bytes === undefined || source.bytes >= NARROW_LIMIT,
  }
  yield localHeader(heading)
  const seen = { crc32: 0, bytes: 0 }
  let compressedBytes = 0
  const plain = watched(source, seen)
  for await (const chunk of source.level === 0 ? keptChunks(plain) : deflated(plain, source.level, source.bytes)) {
    compressedBytes += chunk.byteLength
    yield chunk
  }
  const facts = { ...heading, ...seen, compressedBytes, offset }
  yield dataDescriptor(facts)
  return facts
}

/** The bytes of a source, counted and summed up on their way: exactly as many as it promised. */
async function* watched(source: ZipSource, seen: { crc32: number; bytes: number }): AsyncIterable<Uint8Array> {
  for await (const chunk of await source.open()) {
    seen.bytes += chunk.byteLength
    if (source.bytes !== undefined && seen.bytes > source.bytes) {
      throw otherLength(source, `more than its ${source.bytes} bytes`)
    }
    seen.crc32 = crc32(chunk, seen.crc32)
    yield chunk
  }
  if (source.bytes !== undefined && seen.bytes < source.bytes) {
    throw otherLength(source, `${seen.bytes} bytes instead of ${source.bytes}`)
  }
}

function otherLength(source: ZipSource, what: string): TillsafeError {
  return new TillsafeError('archive.damaged', `no archive was made: ${quoted(source.path)} gave ${what}`, {
    hint: 'Try again; the file was changed while it was read, or its disk does not keep it.',
  })
}

/** What a reader would refuse is not written. */
function requireName(names: ZipNames, path: string): void {
  const wrong = names.add(path)
  if (wrong !== undefined) {
    throw new TillsafeError('archive.unsafe', `no archive was made: the name ${quoted(path)} ${wrong}`, {
      hint: 'Rename this file, then try again.',
    })
  }
}

/** Deflate may make bytes longer: from here on, the compressed ones could need more than 32 bits. */
const NARROW_LIMIT = 0xf0000000
