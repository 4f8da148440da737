import type { ArchiveEntry, ArchiveManifest, ArchivePart } from '../../model/archive-manifest.ts'
import { ImagesList } from '../images-list.ts'
import { databasePath, IMAGES_PREFIX, partPrefix, REGISTRY_PATH, SETTINGS_PATH } from './archive-paths.ts'

/** Settings and registry are read whole. */
const MOST_TEXT_BYTES = 16 * 1024 * 1024

/**
 * Why the entries and labels of a manifest can't belong together, as a sentence; undefined when they do. Entries behind a
 * misfit are left to the caller.
 */
export async function findMisfit(
  manifest: ArchiveManifest,
  entries: AsyncGenerator<ArchiveEntry, void>,
): Promise<string | undefined> {
  const turn = await Turn.of(entries)
  let misfit = foldersMisfit(manifest)
  for (const part of manifest.parts) {
    misfit ??= await partMisfit(part, manifest, turn)
  }
  return misfit ?? (await textsMisfit(manifest, turn))
}

/** Takes entries from the front, in the one order that they may have. */
class Turn {
  readonly #entries: AsyncGenerator<ArchiveEntry, void>
  #next: ArchiveEntry | undefined

  private constructor(entries: AsyncGenerator<ArchiveEntry, void>) {
    this.#entries = entries
  }

  static async of(entries: AsyncGenerator<ArchiveEntry, void>): Promise<Turn> {
    const turn = new Turn(entries)
    await turn.#move()
    return turn
  }

  get next(): ArchiveEntry | undefined {
    return this.#next
  }

  async take(path: string): Promise<ArchiveEntry | undefined> {
    return this.#next?.path === path ? await this.#move() : undefined
  }

  async takeBelow(prefix: string): Promise<ArchiveEntry | undefined> {
    return this.#next?.path.startsWith(prefix) ? await this.#move() : undefined
  }

  async #move(): Promise<ArchiveEntry | undefined> {
    const taken = this.#next
    this.#next = (await this.#entries.next()).value ?? undefined
    return taken
  }
}

function foldersMisfit({ holds, parts }: ArchiveManifest): string | undefined {
  if (holds === 'workspace') {
    return parts.length === 1 && parts[0]?.folder === '' ? undefined : 'an archive of one workspace has one part'
  }
  if (new Set(parts.map(({ folder }) => folder)).size < parts.length) {
    return 'two parts have the same folder'
  }
  return parts.every(({ folder, label }) => folder === label.workspace.id)
    ? undefined
    : 'a part does not lie in the folder of its workspace'
}

async function partMisfit(part: ArchivePart, { shop }: ArchiveManifest, entries: Turn): Promise<string | undefined> {
  const { folder, label } = part
  const path = databasePath(folder, label.workspace.id)
  if (label.shop.publicKey !== shop.publicKey || label.shop.id !== shop.id) {
    return `the label of ${path} is of another shop`
  }
  const database = await entries.take(path)
  if (database === undefined) {
    return `${path} is missing, or not in its place`
  }
  if (database.sha256 !== label.database.sha256 || database.bytes !== label.database.bytes) {
    return `${path} is not the database of its label`
  }
  return await imagesMisfit(part, entries)
}

async function imagesMisfit({ folder, label }: ArchivePart, entries: Turn): Promise<string | undefined> {
  const list = new ImagesList()
  const prefix = partPrefix(folder)
  for (;;) {
    const entry = await entries.takeBelow(`${prefix}${IMAGES_PREFIX}`)
    if (entry === undefined) {
      break
    }
    const path = entry.path.slice(prefix.length)
    if (!list.isNext(path)) {
      return 'the images are not in order'
    }
    list.add({ ...entry, path })
  }
  const found = list.finish()
  const { images: expected } = label
  const fits = found?.count === expected?.count && found?.bytes === expected?.bytes && found?.list === expected?.list
  return fits ? undefined : `the images are not those of the label of ${label.workspace.id}`
}

async function textsMisfit({ holds }: ArchiveManifest, entries: Turn): Promise<string | undefined> {
  for (const path of holds === 'shop' ? [REGISTRY_PATH, SETTINGS_PATH] : [SETTINGS_PATH]) {
    const entry = await entries.take(path)
    if (entry === undefined) {
      return `${path} is missing, or not in its place`
    }
    if (entry.bytes > MOST_TEXT_BYTES) {
      return `${path} has ${entry.bytes} bytes, more than the ${MOST_TEXT_BYTES} it may have`
    }
  }
  return entries.next === undefined ? undefined : `${entries.next.path} belongs to nothing`
}
