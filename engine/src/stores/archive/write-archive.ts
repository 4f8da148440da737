import {
  type ArchiveEntry,
  type ArchiveManifest,
  type ArchivePart,
  type Instant,
  type Label,
  MANIFEST_VERSION,
  type ShopMark,
  TillsafeError,
} from '../../model/index.ts'
import { bytesContent } from '../../snapshot/bytes-content.ts'
import type { Content } from '../../snapshot/content.ts'
import type { Entry } from '../../snapshot/entry.ts'
import type { Snapshot } from '../../snapshot/snapshot.ts'
import { cancellable, throwIfCancelled } from '../../work/cancel.ts'
import type { JobContext } from '../../work/job-context.ts'
import type { Signer } from '../../work/signer.ts'
import { composeLabel } from '../compose-label.ts'
import { imagesMark } from '../images-list.ts'
import { LeftOutImages } from '../left-out-images.ts'
import { Meter } from '../meter.ts'
import {
  databasePath,
  MANIFEST_PATH,
  partPrefix,
  REGISTRY_PATH,
  SETTINGS_PATH,
  SIGNATURE_PATH,
} from './archive-paths.ts'
import { type CompressionLevel, databaseLevel, imageLevel } from './compression-level.ts'
import { CountedSource } from './counted-source.ts'
import { findMisfit } from './find-misfit.ts'
import { encodeManifest, MANIFEST_BYTES } from './manifest-file.ts'
import { settleImage } from './settle-image.ts'
import { StorablePaths } from './storable-paths.ts'
import { writeZip, type ZipSource } from './zip/write-zip.ts'

/** What goes into an archive: one workspace, or a whole shop with the registry of its workspaces. */
export interface ArchiveContents {
  readonly holds: 'workspace' | 'shop'
  readonly shop: ShopMark
  readonly madeAt: Instant
  readonly tillsafeVersion: string
  /** `settings.json`: without secrets. */
  readonly settings: Uint8Array
  /** `workspaces.json` of a whole shop. */
  readonly registry?: Uint8Array
  /** The folder of a part is the id of its workspace; empty when the archive holds one workspace. */
  readonly parts: readonly { readonly folder: string; readonly snapshot: Snapshot }[]
  /** A folder of ours on this machine: an image too large for the memory is copied there before it is written. */
  readonly scratch: string
  readonly level?: CompressionLevel
}

/** An archive on its way. Its stream is read once; the manifest settles when it has ended, with what was written. */
export interface WrittenArchive {
  readonly stream: AsyncIterable<Uint8Array>
  readonly manifest: Promise<ArchiveManifest>
}

/** Writes an archive. Errors of the snapshots and `backup.damaged` end the stream, and the manifest fails with them. */
export function writeArchive(contents: ArchiveContents, signer: Signer, job: JobContext): WrittenArchive {
  requireOwn(contents, signer)
  const { promise, resolve, reject } = Promise.withResolvers<ArchiveManifest>()
  promise.catch(() => undefined) // whoever reads the stream hears of it
  async function* stream(): AsyncIterable<Uint8Array> {
    try {
      const writing = new ArchiveWriting(contents, signer, job)
      yield* writeZip(writing.sources())
      resolve(writing.manifest)
    } catch (error) {
      reject(error)
      throw error
    } finally {
      reject(new Error('the archive was not read to its end'))
    }
  }
  return { stream: cancellable(stream(), job.signal), manifest: promise }
}

function requireOwn({ shop, parts }: ArchiveContents, signer: Signer): void {
  const marks = [shop, ...parts.map(({ snapshot }) => snapshot.heading.shop)]
  if (marks.some(({ id, publicKey }) => publicKey !== signer.publicKey || id !== shop.id)) {
    throw new Error('an archive is signed by the shop whose backups it holds')
  }
}

const LEVEL: CompressionLevel = 1

class ArchiveWriting {
  readonly #contents: ArchiveContents
  readonly #signer: Signer
  readonly #job: JobContext
  readonly #level: CompressionLevel
  readonly #entries: ArchiveEntry[] = []
  readonly #parts: ArchivePart[] = []

  constructor(contents: ArchiveContents, signer: Signer, job: JobContext) {
    this.#contents = contents
    this.#signer = signer
    this.#job = job
    this.#level = contents.level ?? LEVEL
  }

  /** What was written; complete once the sources have been taken to their end. */
  get manifest(): ArchiveManifest {
    const { holds, shop, madeAt, tillsafeVersion } = this.#contents
    return {
      kind: 'tillsafe.archive',
      version: MANIFEST_VERSION,
      holds,
      shop: { id: shop.id, publicKey: shop.publicKey, name: shop.name },
      madeAt,
      tillsafeVersion,
      parts: this.#parts,
      entries: this.#entries,
    }
  }

  async *sources(): AsyncIterable<ZipSource> {
    const { parts, settings, registry } = this.#contents
    const walked = await Promise.all(parts.map(async (part) => ({ ...part, entries: await walk(part.snapshot) })))
    const meter = new Meter(this.#job, 'write', bytesOf(walked.flatMap(({ entries }) => entries)))
    for (const { folder, snapshot, entries } of walked) {
      const label = yield* this.#part(folder, snapshot, entries, meter)
      this.#parts.push({ folder, label })
    }
    if (registry !== undefined) {
      yield* this.#text(REGISTRY_PATH, registry)
    }
    yield* this.#text(SETTINGS_PATH, settings)
    yield* this.#signedManifest()
  }

  async *#part(
    folder: string,
    snapshot: Snapshot,
    entries: readonly Entry[],
    meter: Meter,
  ): AsyncGenerator<ZipSource, Label> {
    const facts = snapshot.facts() // asked for at once: the checks behind them run while the database is written
    facts.catch(() => undefined)
    const { heading } = snapshot
    const database = entries.find(({ part }) => part === 'database')
    if (database === undefined) {
      throw new Error('a snapshot without a database cannot be a backup')
    }
    const path = databasePath(folder, heading.workspace.id)
    const level = await databaseLevel(database, this.#level)
    const metered = { bytes: database.bytes, open: async () => meter.pass(await database.open()) }
    const { bytes, sha256 } = yield* this.#entry({ path, level, datedMs: Date.parse(heading.takenAt) }, metered)
    const images = yield* this.#images(folder, entries, meter)
    return composeLabel(heading, await facts, { bytes, sha256, ...images })
  }

  async *#images(
    folder: string,
    entries: readonly Entry[],
    meter: Meter,
  ): AsyncGenerator<ZipSource, { images: Label['images']; problems: readonly string[] }> {
    const leftOut = new LeftOutImages()
    const written: ArchiveEntry[] = []
    const paths = new StorablePaths(partPrefix(folder))
    const images = entries.filter(({ part }) => part === 'images')
    for (const image of images.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
      throwIfCancelled(this.#job.signal)
      const refusal = paths.refusalOf(image.path)
      const settled =
        refusal === undefined
          ? await settleImage(image, this.#contents.scratch, meter)
          : ({ kind: 'unreadable', why: refusal } as const)
      if (settled.kind === 'unreadable') {
        leftOut.add(image.path, settled.why)
      } else {
        await using _ = settled
        const entry = yield* this.#image(folder, image, settled.content)
        written.push(folder === '' ? entry : { ...entry, path: image.path })
      }
    }
    return { images: imagesMark(written), problems: leftOut.problems }
  }

  async *#image(
    folder: string,
    { path, modifiedMs }: Entry,
    content: Content,
  ): AsyncGenerator<ZipSource, ArchiveEntry> {
    const heading = { path: partPrefix(folder) + path, level: imageLevel(path, this.#level), modifiedMs }
    return yield* this.#entry({ ...heading, datedMs: this.#madeAtMs }, content)
  }

  async *#text(path: string, bytes: Uint8Array): AsyncGenerator<ZipSource, void> {
    yield* this.#entry({ path, level: this.#level, datedMs: this.#madeAtMs }, bytesContent(bytes))
  }

  /** The entry is known when the next source is asked for: then this one has been written whole. */
  async *#entry(
    heading: ConstructorParameters<typeof CountedSource>[0],
    content: Content,
  ): AsyncGenerator<ZipSource, ArchiveEntry> {
    const source = new CountedSource(heading, content)
    yield source
    this.#entries.push(source.entry)
    return source.entry
  }

  async *#signedManifest(): AsyncIterable<ZipSource> {
    const misfit = findMisfit(this.manifest)
    if (misfit !== undefined) {
      throw new Error(`an archive that could not be read again is not written: ${misfit}`)
    }
    const file = encodeManifest(this.manifest)
    if (file.byteLength > MANIFEST_BYTES) {
      throw new TillsafeError('file.over-limit', `the archive would have a manifest of ${file.byteLength} bytes`)
    }
    const signature = Buffer.from(this.#signer.sign(file), 'base64')
    const dated = { level: this.#level, datedMs: this.#madeAtMs }
    yield new CountedSource({ path: MANIFEST_PATH, ...dated }, bytesContent(file))
    yield new CountedSource({ path: SIGNATURE_PATH, ...dated }, bytesContent(signature))
  }

  get #madeAtMs(): number {
    return Date.parse(this.#contents.madeAt)
  }
}

/** Walked before anything is written: the images follow the database in order of path. */
async function walk(snapshot: Snapshot): Promise<readonly Entry[]> {
  const entries: Entry[] = []
  for await (const entry of snapshot.entries()) {
    entries.push(entry)
  }
  return entries
}

function bytesOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { bytes }) => sum + bytes, 0)
}
