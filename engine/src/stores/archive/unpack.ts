import { createHash, type Hash } from 'node:crypto'
import { type FileHandle, open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ArchiveEntry, ArchiveManifest } from '../../model/archive-manifest.ts'
import { TillsafeError } from '../../model/tillsafe-error.ts'
import type { ChildProgress } from '../../work/confined-child.ts'
import { giveBackAllMemory, giveBackMemory } from '../../work/give-back-memory.ts'
import { hashing, sha256OfBytes } from '../../work/sha256.ts'
import { isSignedBy } from '../../work/signer.ts'
import { smallChunks } from '../small-chunks.ts'
import type { ArchiveOutline } from './archive-outline.ts'
import { MANIFEST_PATH, SIGNATURE_PATH } from './archive-paths.ts'
import { findMisfit } from './find-misfit.ts'
import { MANIFEST_BYTES, openManifest } from './manifest-file.ts'
import type { UnpackTask } from './unpack-task.ts'
import { UNPACKED_MANIFEST, unpackedName } from './unpacked-file.ts'
import { wantedEntries } from './wanted-entries.ts'
import { ZipReader } from './zip/read-zip.ts'
import type { ZipItem } from './zip/zip-item.ts'
import { ARCHIVE_LIMITS } from './zip/zip-limits.ts'

/**
 * Reads an archive to its end: structure, signature, and every byte. Writes what is wanted, and the manifest with it where
 * that is everything. The shop that the manifest names has signed it; whose shop that is, the caller decides.
 */
export async function unpack(task: UnpackTask, progress: ChildProgress): Promise<ArchiveOutline> {
  await using zip = await ZipReader.open(task.file, ARCHIVE_LIMITS)
  giveBackAllMemory() // the names of all its files were compared
  const signed = await readManifest(zip)
  giveBackAllMemory() // the manifest is not needed as a whole any more
  const { manifest, totalBytes } = await lookThrough(signed, zip.count - 2, task)
  await readEntries(zip, signed, task, new Progress(totalBytes, progress))
  if (task.write === 'everything') {
    await writeFile(join(task.into, UNPACKED_MANIFEST), signed.read(), { flag: 'wx', mode: 0o600 })
  }
  return { manifest, entries: zip.count - 2, sha256: signed.sha256 }
}

const SIGNATURE_BYTES = 64

/** A manifest whose signature fits. It is long: nobody holds it, it is read from the archive each time. */
interface SignedManifest {
  readonly sha256: string
  /** Its bytes; a stream that ends without an error gave those that were signed. */
  read(): AsyncIterable<Uint8Array>
}

async function readManifest(zip: ZipReader): Promise<SignedManifest> {
  const [manifestItem, signatureItem] = zip.lastTwo
  if (manifestItem?.path !== MANIFEST_PATH || signatureItem?.path !== SIGNATURE_PATH) {
    throw damaged(`it does not end with ${MANIFEST_PATH} and ${SIGNATURE_PATH}: Tillsafe did not write it`)
  }
  const bytes = await readSmall(zip, manifestItem, MANIFEST_BYTES)
  const signature = await readSmall(zip, signatureItem, SIGNATURE_BYTES)
  const { manifest } = await openManifest(smallChunks(bytes))
  if (!isSignedBy(manifest.shop.publicKey, bytes, signature.toString('base64'))) {
    throw damaged('the signature of its manifest does not fit')
  }
  const sha256 = sha256OfBytes(bytes)
  return { sha256, read: () => readSame(zip, manifestItem, sha256) }
}

async function* readSame(zip: ZipReader, item: ZipItem, sha256: string): AsyncIterable<Uint8Array> {
  const hashed = hashing(readTidily(zip, item))
  yield* hashed.stream
  if (hashed.sha256() !== sha256) {
    throw damaged(`${item.path} changed while it was read`)
  }
}

async function readSmall(zip: ZipReader, item: ZipItem, atMost: number): Promise<Buffer> {
  if (item.bytes > atMost) {
    throw damaged(`${item.path} has ${item.bytes} bytes, more than the ${atMost} it may have`)
  }
  const bytes = Buffer.alloc(item.bytes)
  let position = 0
  for await (const chunk of readTidily(zip, item)) {
    bytes.set(chunk.subarray(0, bytes.byteLength - position), position)
    position += chunk.byteLength
  }
  if (position !== item.bytes) {
    throw damaged(`${item.path} has another length than it says`)
  }
  return bytes
}

/** Whether all that the manifest says can be true, and there is room for it: known before any of it is unpacked. */
async function lookThrough(
  signed: SignedManifest,
  count: number,
  task: UnpackTask,
): Promise<{ manifest: ArchiveManifest; totalBytes: number }> {
  const { manifest, entries } = await openManifest(signed.read())
  const isWanted = wantedEntries(manifest, task)
  const sum = { count: 0, totalBytes: 0, neededBytes: 0 }
  async function* summed(): AsyncGenerator<ArchiveEntry, void> {
    for await (const entry of entries) {
      sum.count++
      sum.totalBytes += entry.bytes
      sum.neededBytes += isWanted(entry.path) ? entry.bytes : 0
      yield entry
    }
  }
  const all = summed()
  const misfit = await findMisfit(manifest, all)
  for await (const _ of all) {
    // those behind a misfit count as well
  }
  if (sum.count !== count) {
    throw damaged(`it has ${count} entries, its manifest names ${sum.count}`)
  }
  if (misfit !== undefined) {
    throw damaged(misfit)
  }
  requirePart(manifest, task)
  requireRoom(sum.neededBytes, task)
  return { manifest, totalBytes: sum.totalBytes }
}

function requireRoom(neededBytes: number, { freeBytes, into }: UnpackTask): void {
  if (neededBytes > freeBytes) {
    throw new TillsafeError(
      'space.short',
      `unpacking the archive needs ${neededBytes} bytes in ${into}, only ${freeBytes} bytes are free there`,
    )
  }
}

/** The bytes of an item, and what is left of its chunks is given back on the way. */
async function* readTidily(zip: ZipReader, item: ZipItem): AsyncIterable<Uint8Array> {
  let left = 0
  for await (const chunk of await zip.read(item)) {
    yield chunk
    left += chunk.byteLength
    if (left >= EVERY_EFFORT) {
      left = 0
      giveBackMemory()
    }
  }
}

function requirePart({ parts }: ArchiveManifest, { part }: UnpackTask): void {
  if (part !== undefined && !parts.some(({ folder }) => folder === part)) {
    throw new TillsafeError('workspace.unknown', `the archive has no workspace ${part}`, {
      hint: `It has ${parts.map(({ label }) => label.workspace.id).join(', ')}.`,
    })
  }
}

/** Entries and manifest have the same order: they are gone through side by side. */
async function readEntries(zip: ZipReader, signed: SignedManifest, task: UnpackTask, meter: Progress): Promise<void> {
  const { manifest, entries } = await openManifest(signed.read())
  const isWanted = wantedEntries(manifest, task)
  const items = zip.items()
  let index = 0
  for await (const entry of entries) {
    const item = (await items.next()).value ?? undefined
    requireSame(item, entry)
    await readEntry(zip, item, entry, isWanted(entry.path) ? join(task.into, unpackedName(index)) : undefined, meter)
    index++
  }
}

function requireSame(item: ZipItem | undefined, { path, bytes }: ArchiveEntry): asserts item is ZipItem {
  if (item?.path !== path) {
    throw damaged(`${item?.path} stands where its manifest names ${path}`)
  }
  if (item.bytes !== bytes) {
    throw damaged(`${path} has ${item.bytes} bytes instead of ${bytes}`)
  }
}

async function readEntry(
  zip: ZipReader,
  item: ZipItem,
  entry: ArchiveEntry,
  path: string | undefined,
  meter: Progress,
): Promise<void> {
  const hash = createHash('sha256')
  const file = path === undefined ? undefined : await open(path, 'wx', 0o600)
  try {
    for await (const chunk of await zip.read(item)) {
      await take(chunk, hash, file)
      await meter.add(chunk.byteLength)
    }
  } finally {
    await file?.close()
  }
  if (hash.digest('hex') !== entry.sha256) {
    throw damaged(`${entry.path} is not what was signed`)
  }
}

async function take(chunk: Uint8Array, hash: Hash, file: FileHandle | undefined): Promise<void> {
  hash.update(chunk)
  await file?.writeFile(chunk)
}

/** Tells the parent how far the work is and tidies up, but not at every chunk. */
class Progress {
  readonly #totalBytes: number
  readonly #progress: ChildProgress
  #bytes = 0
  #effort = 0

  constructor(totalBytes: number, progress: ChildProgress) {
    this.#totalBytes = totalBytes
    this.#progress = progress
  }

  async add(bytes: number): Promise<void> {
    this.#bytes += bytes
    this.#effort += bytes + EFFORT_OF_CHUNK
    if (this.#effort >= EVERY_EFFORT) {
      this.#effort = 0
      giveBackMemory()
      await this.#progress(this.#bytes, this.#totalBytes)
    }
  }
}

/** Small files make work and garbage too, as if each chunk had so many bytes more. */
const EFFORT_OF_CHUNK = 8 * 1024
const EVERY_EFFORT = 4 * 1024 * 1024

function damaged(what: string): TillsafeError {
  return new TillsafeError('archive.damaged', `the archive is not whole: ${what}`)
}
