import { createHash, type Hash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { ArchiveEntry, ArchiveManifest } from '../../model/archive-manifest.ts'
import { TillsafeError } from '../../model/tillsafe-error.ts'
import type { ChildProgress } from '../../work/confined-child.ts'
import { giveBackMemory } from '../../work/give-back-memory.ts'
import { isSignedBy } from '../../work/signer.ts'
import { MANIFEST_PATH, SIGNATURE_PATH } from './archive-paths.ts'
import { findMisfit } from './find-misfit.ts'
import { decodeManifest, MANIFEST_BYTES } from './manifest-file.ts'
import type { UnpackTask } from './unpack-task.ts'
import { wantedEntries } from './wanted-entries.ts'
import { ZipReader } from './zip/read-zip.ts'
import type { ZipItem } from './zip/zip-item.ts'
import { ARCHIVE_LIMITS } from './zip/zip-limits.ts'

/**
 * Reads an archive to its end: signature, structure, and every byte. Writes what is wanted. Gives the manifest, which
 * its own shop has signed; whose shop that is, the caller decides.
 */
export async function unpack(task: UnpackTask, progress: ChildProgress): Promise<ArchiveManifest> {
  await using zip = await ZipReader.open(task.file, ARCHIVE_LIMITS)
  const manifest = await readManifest(zip)
  requireSameItems(zip.items, manifest.entries)
  const misfit = findMisfit(manifest)
  if (misfit !== undefined) {
    throw damaged(misfit)
  }
  requirePart(manifest, task)
  await readEntries(zip, manifest, task, progress)
  return manifest
}

const SIGNATURE_BYTES = 64

async function readManifest(zip: ZipReader): Promise<ArchiveManifest> {
  const [manifestItem, signatureItem] = zip.items.slice(-2)
  if (manifestItem?.path !== MANIFEST_PATH || signatureItem?.path !== SIGNATURE_PATH) {
    throw damaged(`it does not end with ${MANIFEST_PATH} and ${SIGNATURE_PATH}: Tillsafe did not write it`)
  }
  const bytes = await readSmall(zip, manifestItem, MANIFEST_BYTES)
  const signature = await readSmall(zip, signatureItem, SIGNATURE_BYTES)
  const manifest = decodeManifest(bytes)
  if (!isSignedBy(manifest.shop.publicKey, bytes, signature.toString('base64'))) {
    throw damaged('the signature of its manifest does not fit')
  }
  return manifest
}

async function readSmall(zip: ZipReader, item: ZipItem, atMost: number): Promise<Buffer> {
  if (item.bytes > atMost) {
    throw damaged(`${item.path} has ${item.bytes} bytes, more than the ${atMost} it may have`)
  }
  const bytes = Buffer.alloc(item.bytes)
  let position = 0
  for await (const chunk of await zip.read(item)) {
    bytes.set(chunk.subarray(0, bytes.byteLength - position), position)
    position += chunk.byteLength
  }
  if (position !== item.bytes) {
    throw damaged(`${item.path} has another length than it says`)
  }
  return bytes
}

function requireSameItems(items: readonly ZipItem[], entries: readonly ArchiveEntry[]): void {
  if (items.length !== entries.length + 2) {
    throw damaged(`it has ${items.length - 2} entries, its manifest names ${entries.length}`)
  }
  for (const [index, { path, bytes }] of entries.entries()) {
    const item = items[index]
    if (item?.path !== path) {
      throw damaged(`${item?.path} stands where its manifest names ${path}`)
    }
    if (item.bytes !== bytes) {
      throw damaged(`${path} has ${item.bytes} bytes instead of ${bytes}`)
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

async function readEntries(
  zip: ZipReader,
  manifest: ArchiveManifest,
  task: UnpackTask,
  progress: ChildProgress,
): Promise<void> {
  const wanted = wantedEntries(manifest, task)
  const totalBytes = manifest.entries.reduce((sum, { bytes }) => sum + bytes, 0)
  const neededBytes = [...wanted.keys()].reduce((sum, index) => sum + (manifest.entries[index]?.bytes ?? 0), 0)
  if (neededBytes > task.freeBytes) {
    throw new TillsafeError(
      'space.short',
      `unpacking the archive needs ${neededBytes} bytes in ${task.into}, only ${task.freeBytes} bytes are free there`,
    )
  }
  const meter = new Progress(totalBytes, progress)
  for (const [index, entry] of manifest.entries.entries()) {
    const item = zip.items[index]
    if (item !== undefined) {
      const name = wanted.get(index)
      await readEntry(zip, item, entry, name === undefined ? undefined : join(task.into, name), meter)
    }
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
