import type { FileHandle } from 'node:fs/promises'
import type { Entry } from 'yauzl'
import { FileWindow } from './file-window.ts'
import { readDirectory } from './zip-directory.ts'
import { readZipEnd } from './zip-end.ts'
import { factsOf } from './zip-facts.ts'
import { LocatedItem } from './zip-item.ts'
import type { ZipLimits } from './zip-limits.ts'
import { ZipNames } from './zip-names.ts'
import { DIRECTORY_RECORD_BYTES, dataDescriptor, directoryRecord, localHeader, type ZipFacts } from './zip-records.ts'
import { quoted, unsafeZip } from './zip-refusal.ts'

/**
 * What a ZIP holds, when each of its bytes outside the contents is what `writeZip` writes: the entries follow one
 * another from the first byte on without gap or overlap, the directory follows them, the end follows the directory. That
 * all of it is so is known when the last one has been given.
 */
export async function* scanZip(file: FileHandle, limits: ZipLimits): AsyncGenerator<LocatedItem, void> {
  const fileBytes = (await file.stat()).size
  const directory = new FileWindow(file, fileBytes, DIRECTORY_WINDOW_BYTES)
  const extent = await readZipEnd(directory, fileBytes)
  if (extent.entries > limits.entries) {
    throw unsafeZip(`it claims ${extent.entries} files; ${limits.entries} are allowed`)
  }
  const scan = new Scan(new FileWindow(file, extent.directoryOffset, LOCAL_WINDOW_BYTES), limits)
  let cursor = extent.directoryOffset
  for await (const entry of readDirectory(directory, fileBytes, extent)) {
    const facts = factsOf(entry, limits)
    const record = await directory.bytes(cursor, recordBytes(entry))
    if (!record.equals(directoryRecord(facts))) {
      throw unsafeZip(`the record of ${quoted(String(facts.name))} in its directory is not written as ours`)
    }
    cursor += record.byteLength
    yield await scan.next(facts)
  }
  if (cursor !== extent.directoryOffset + extent.directoryBytes || scan.end !== extent.directoryOffset) {
    throw unsafeZip('there are bytes between its files, its directory and its end')
  }
}

/** The entries as they lie in the file, each where the one before has ended. */
class Scan {
  end = 0
  readonly #window: FileWindow
  readonly #limits: ZipLimits
  readonly #names = new ZipNames()
  #totalBytes = 0

  constructor(window: FileWindow, limits: ZipLimits) {
    this.#window = window
    this.#limits = limits
  }

  async next(facts: ZipFacts): Promise<LocatedItem> {
    const path = this.#requireName(facts)
    this.#totalBytes += facts.bytes
    if (this.#totalBytes > this.#limits.totalBytes) {
      throw unsafeZip(`it claims more than ${this.#limits.totalBytes} bytes`)
    }
    if (facts.offset !== this.end) {
      throw unsafeZip(`${quoted(path)} ${facts.offset < this.end ? 'overlaps another file' : 'lies behind a gap'}`)
    }
    await this.#pass(path, localHeader(facts))
    const start = this.end
    this.end += facts.compressedBytes
    await this.#pass(path, dataDescriptor(facts))
    const { bytes, compressedBytes, crc32, method } = facts
    return new LocatedItem({ path, bytes, compressedBytes, start, crc32, method })
  }

  /** Moves on over bytes that are known. */
  async #pass(path: string, expected: Buffer): Promise<void> {
    if (this.end + expected.byteLength > this.#window.fileBytes) {
      throw unsafeZip(`${quoted(path)} reaches into the directory`)
    }
    const found =
      this.#window.inSight(this.end, expected.byteLength) ?? (await this.#window.bytes(this.end, expected.byteLength))
    if (!found.equals(expected)) {
      throw unsafeZip(`what stands around ${quoted(path)} is not what the directory says of it`)
    }
    this.end += expected.byteLength
  }

  #requireName({ name }: ZipFacts): string {
    const path = decoded(name)
    const wrong = this.#names.add(path)
    if (wrong !== undefined) {
      throw unsafeZip(`the name ${quoted(path)} ${wrong}`)
    }
    return path
  }
}

function decoded(name: Buffer): string {
  try {
    return UTF8.decode(name)
  } catch (error) {
    throw unsafeZip(`the name ${quoted(String(name))} is no UTF-8`, error)
  }
}

function recordBytes(entry: Entry): number {
  return DIRECTORY_RECORD_BYTES + entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const DIRECTORY_WINDOW_BYTES = 256 * 1024
const LOCAL_WINDOW_BYTES = 16 * 1024
