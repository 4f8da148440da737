import type { ArchiveEntry, ArchiveManifest, ArchivePart } from '../../model/archive-manifest.ts'
import { imagesMark } from '../images-list.ts'
import { databasePath, IMAGES_PREFIX, partPrefix, REGISTRY_PATH, SETTINGS_PATH } from './archive-paths.ts'

/** Settings and registry are read whole. */
const MOST_TEXT_BYTES = 16 * 1024 * 1024

/** Why the entries and labels of a manifest can't belong together, as a sentence; undefined when they do. */
export function findMisfit(manifest: ArchiveManifest): string | undefined {
  const entries = new Entries(manifest.entries)
  return (
    foldersMisfit(manifest) ??
    manifest.parts.map((part) => partMisfit(part, manifest, entries)).find((misfit) => misfit !== undefined) ??
    textsMisfit(manifest, entries)
  )
}

/** Takes entries from the front, in the one order that they may have. */
class Entries {
  readonly #entries: readonly ArchiveEntry[]
  #next = 0

  constructor(entries: readonly ArchiveEntry[]) {
    this.#entries = entries
  }

  get next(): ArchiveEntry | undefined {
    return this.#entries[this.#next]
  }

  take(path: string): ArchiveEntry | undefined {
    return this.next?.path === path ? this.#entries[this.#next++] : undefined
  }

  takeBelow(prefix: string): ArchiveEntry[] {
    const begin = this.#next
    while (this.next?.path.startsWith(prefix)) {
      this.#next++
    }
    return this.#entries.slice(begin, this.#next)
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

function partMisfit({ folder, label }: ArchivePart, { shop }: ArchiveManifest, entries: Entries): string | undefined {
  const path = databasePath(folder, label.workspace.id)
  if (label.shop.publicKey !== shop.publicKey || label.shop.id !== shop.id) {
    return `the label of ${path} is of another shop`
  }
  const database = entries.take(path)
  if (database === undefined) {
    return `${path} is missing, or not in its place`
  }
  if (database.sha256 !== label.database.sha256 || database.bytes !== label.database.bytes) {
    return `${path} is not the database of its label`
  }
  return imagesMisfit({ folder, label }, entries.takeBelow(`${partPrefix(folder)}${IMAGES_PREFIX}`))
}

function imagesMisfit({ folder, label }: ArchivePart, entries: readonly ArchiveEntry[]): string | undefined {
  const images = entries.map((entry) => ({ ...entry, path: entry.path.slice(partPrefix(folder).length) }))
  if (images.some(({ path }, index) => index > 0 && path <= (images[index - 1]?.path ?? ''))) {
    return 'the images are not in order'
  }
  const found = imagesMark(images)
  const { images: expected } = label
  const fits = found?.count === expected?.count && found?.bytes === expected?.bytes && found?.list === expected?.list
  return fits ? undefined : `the images are not those of the label of ${label.workspace.id}`
}

function textsMisfit({ holds }: ArchiveManifest, entries: Entries): string | undefined {
  const paths = holds === 'shop' ? [REGISTRY_PATH, SETTINGS_PATH] : [SETTINGS_PATH]
  for (const path of paths) {
    const entry = entries.take(path)
    if (entry === undefined) {
      return `${path} is missing, or not in its place`
    }
    if (entry.bytes > MOST_TEXT_BYTES) {
      return `${path} has ${entry.bytes} bytes, more than the ${MOST_TEXT_BYTES} it may have`
    }
  }
  return entries.next === undefined ? undefined : `${entries.next.path} belongs to nothing`
}
