import {
  type ArchiveEntry,
  type ArchiveManifest,
  type ArchivePart,
  type Heading,
  type Instant,
  type Label,
  MANIFEST_VERSION,
  type ShopMark,
} from '../../model/index.ts'
import { bytesContent } from '../../snapshot/bytes-content.ts'
import type { Content } from '../../snapshot/content.ts'
import type { Entry } from '../../snapshot/entry.ts'
import type { Snapshot } from '../../snapshot/snapshot.ts'
import { snapshotBytes } from '../../snapshot/snapshot-bytes.ts'
import { cancellable, throwIfCancelled } from '../../work/cancel.ts'
import type { JobContext } from '../../work/job-context.ts'
import { sha256OfBytes } from '../../work/sha256.ts'
import type { Signer } from '../../work/signer.ts'
import { composeLabel } from '../compose-label.ts'
import { ImagesList } from '../images-list.ts'
import { LeftOutImages } from '../left-out-images.ts'
import { Meter } from '../meter.ts'
import type { ArchiveOutline } from './archive-outline.ts'
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
import { ManifestFile } from './manifest-file.ts'
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

/** An archive on its way. Its stream is read once; the outline settles when it has ended, with what was written. */
export interface WrittenArchive {
  readonly stream: AsyncIterable<Uint8Array>
  readonly outline: Promise<ArchiveOutline>
}

/** Writes an archive. Errors of the snapshots and `backup.damaged` end the stream, and the outline fails with them. */
export function writeArchive(contents: ArchiveContents, signer: Signer, job: JobContext): WrittenArchive {
  requireOwn(contents, signer)
  const { promise, resolve, reject } = Promise.withResolvers<ArchiveOutline>()
  promise.catch(() => undefined) // whoever reads the stream hears of it
  async function* stream(): AsyncIterable<Uint8Array> {
    try {
      const writing = new ArchiveWriting(contents, signer, job)
      yield* writeZip(writing.sources())
      resolve(writing.outline)
    } catch (error) {
      reject(error)
      throw error
    } finally {
      reject(new Error('the archive was not read to its end'))
    }
  }
  return { stream: cancellable(stream(), job.signal), outline: promise }
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
  readonly #manifest = new ManifestFile()
  readonly #parts: ArchivePart[] = []
  #outline: ArchiveOutline | undefined

  constructor(contents: ArchiveContents, signer: Signer, job: JobContext) {
    this.#contents = contents
    this.#signer = signer
    this.#job = job
    this.#level = contents.level ?? LEVEL
  }

  /** What was written: known once the sources have been taken to their end. */
  get outline(): ArchiveOutline {
    if (this.#outline === undefined) {
      throw new Error('the archive was not written to its end')
    }
    return this.#outline
  }

  async *sources(): AsyncIterable<ZipSource> {
    const { parts, settings, registry } = this.#contents
    const meter = new Meter(this.#job, 'write', await snapshotBytes(...parts.map(({ snapshot }) => snapshot)))
    for (const { folder, snapshot } of parts) {
      const label = yield* this.#part(folder, snapshot, meter)
      this.#parts.push({ folder, label })
    }
    if (registry !== undefined) {
      yield* this.#text(REGISTRY_PATH, registry)
    }
    yield* this.#text(SETTINGS_PATH, settings)
    yield* this.#signedManifest()
  }

  async *#part(folder: string, snapshot: Snapshot, meter: Meter): AsyncGenerator<ZipSource, Label> {
    const images = new PartImages(partPrefix(folder))
    let database: ArchiveEntry | undefined
    for await (const entry of snapshot.entries()) {
      throwIfCancelled(this.#job.signal)
      switch (entry.part) {
        case 'database':
          database = yield* this.#database(folder, snapshot.heading, entry, meter)
          break
        case 'images':
          requireDatabase(database)
          yield* this.#image(folder, entry, images, meter)
          break
        case 'settings':
          break // those of the shop are given apart
        default:
          entry.part satisfies never
      }
    }
    const { bytes, sha256 } = requireDatabase(database)
    return composeLabel(snapshot.heading, await snapshot.facts(), { bytes, sha256, ...images.finish() })
  }

  async *#database(
    folder: string,
    { workspace, takenAt }: Heading,
    database: Entry,
    meter: Meter,
  ): AsyncGenerator<ZipSource, ArchiveEntry> {
    const path = databasePath(folder, workspace.id)
    const level = await databaseLevel(database, this.#level)
    const metered = { bytes: database.bytes, open: async () => meter.pass(await database.open()) }
    return yield* this.#entry({ path, level, datedMs: Date.parse(takenAt) }, metered)
  }

  async *#image(folder: string, image: Entry, images: PartImages, meter: Meter): AsyncGenerator<ZipSource, void> {
    const { path, modifiedMs } = image
    const refusal = images.refusalOf(path)
    const settled =
      refusal === undefined
        ? await settleImage(image, this.#contents.scratch, meter)
        : ({ kind: 'unreadable', why: refusal } as const)
    if (settled.kind === 'unreadable') {
      images.leaveOut(path, settled.why)
      return
    }
    await using _ = settled
    const heading = { path: partPrefix(folder) + path, level: imageLevel(path, this.#level), modifiedMs }
    images.add({ ...(yield* this.#entry({ ...heading, datedMs: this.#madeAtMs }, settled.content)), path })
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
    this.#manifest.add(source.entry)
    return source.entry
  }

  async *#signedManifest(): AsyncIterable<ZipSource> {
    const { holds, shop, madeAt, tillsafeVersion } = this.#contents
    const manifest: ArchiveManifest = {
      kind: 'tillsafe.archive',
      version: MANIFEST_VERSION,
      holds,
      shop: { id: shop.id, publicKey: shop.publicKey, name: shop.name },
      madeAt,
      tillsafeVersion,
      parts: this.#parts,
    }
    const file = this.#manifest.finish(manifest)
    this.#outline = { manifest, entries: this.#manifest.entries, sha256: sha256OfBytes(file.bytes) }
    const signature = Buffer.from(this.#signer.sign(file.bytes), 'base64')
    const dated = { level: this.#level, datedMs: this.#madeAtMs }
    yield new CountedSource({ path: MANIFEST_PATH, ...dated }, file.content)
    yield new CountedSource({ path: SIGNATURE_PATH, ...dated }, bytesContent(signature))
  }

  get #madeAtMs(): number {
    return Date.parse(this.#contents.madeAt)
  }
}

/** The images of one part: those that were written, and those that were left out. */
class PartImages {
  readonly #list = new ImagesList()
  readonly #leftOut = new LeftOutImages()
  readonly #paths: StorablePaths

  constructor(prefix: string) {
    this.#paths = new StorablePaths(prefix)
  }

  refusalOf(path: string): string | undefined {
    return this.#paths.refusalOf(path)
  }

  leaveOut(path: string, why: string): void {
    this.#leftOut.add(path, why)
  }

  add(image: ArchiveEntry): void {
    this.#list.add(image)
  }

  finish(): { images: Label['images']; problems: readonly string[] } {
    return { images: this.#list.finish(), problems: this.#leftOut.problems }
  }
}

function requireDatabase(database: ArchiveEntry | undefined): ArchiveEntry {
  if (database === undefined) {
    throw new Error('a snapshot gives its database first: without one it cannot be a backup')
  }
  return database
}
