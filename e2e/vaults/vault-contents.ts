import type { Key } from '../../engine/src/destinations/destination.ts'
import { ID_BYTES } from '../../engine/src/stores/vault/format/blob-id.ts'
import type { TreeNode } from '../../engine/src/stores/vault/format/tree.ts'
import { readTree } from '../../engine/src/stores/vault/repository/read-tree.ts'
import type { Repository } from '../../engine/src/stores/vault/repository/repository.ts'
import type { VaultState } from './made-vault.ts'

/** What a part of a pack is. */
export type BlobKind = 'pages' | 'images' | 'labels' | 'trees' | 'stock'

/** A blob where it lies, and the index file that says so. */
interface Place {
  readonly pack: Key
  readonly start: number
  readonly end: number
  readonly index: Key
}

/** Which bytes of a sound vault each of its snapshots needs: an oracle of its own, beside the code that reads vaults. */
export class VaultContents {
  readonly #config: Key
  /** Of each snapshot's file, the blobs it needs. */
  readonly #needs = new Map<Key, ReadonlySet<string>>()
  readonly #places = new Map<string, Place[]>()
  readonly #kinds = new Map<string, BlobKind>()
  readonly #base: VaultState['objects']

  private constructor(base: VaultState['objects'], config: Key) {
    this.#base = base
    this.#config = config
  }

  static async of(repository: Repository, base: VaultState['objects']): Promise<VaultContents> {
    const { files } = repository
    const contents = new VaultContents(base, files.configKey)
    for await (const name of files.list('index')) {
      for (const { id: pack, blobs } of await repository.readIndex(name)) {
        for (const { id, type, offset, length } of blobs) {
          const places = contents.#places.get(`${type} ${id.toString('hex')}`) ?? []
          const place = { pack: files.keyOf('data', pack), start: offset, end: offset + length }
          places.push({ ...place, index: files.keyOf('index', name) })
          contents.#places.set(`${type} ${id.toString('hex')}`, places)
        }
      }
    }
    const index = await repository.loadIndex()
    for await (const name of files.list('snapshots')) {
      const { tree, tags } = await repository.readSnapshot(name)
      const needs = new Set<string>()
      const isOurs = tags?.includes('tillsafe') === true
      await contents.#walk(async (id) => await readTree(repository, index, id), tree, isOurs ? '' : undefined, needs)
      contents.#needs.set(files.keyOf('snapshots', name), needs)
    }
    return contents
  }

  /** Where the blobs of a kind lie; the ends of packs, which follow them, have a kind of their own. */
  placesOf(kind: BlobKind): Omit<Place, 'index'>[] {
    const wanted = [...this.#kinds].filter(([, known]) => known === kind)
    return wanted.flatMap(([blob]) => this.#places.get(blob) ?? [])
  }

  /** Where the header of each pack begins, and where it ends. */
  get headers(): Omit<Place, 'index'>[] {
    const starts = new Map<Key, number>()
    for (const { pack, end } of [...this.#places.values()].flat()) {
      starts.set(pack, Math.max(end, starts.get(pack) ?? 0))
    }
    return [...starts].map(([pack, start]) => ({ pack, start, end: this.#base.get(pack)?.byteLength ?? 0 }))
  }

  /** Whether a snapshot, by the key of its file, has all that it needs in these objects. */
  isHurt(snapshot: Key, objects: VaultState['objects']): boolean {
    const isSame = (key: Key): boolean => isSameRange(this.#base.get(key), objects.get(key))
    const opens = [...this.#base.keys()].some((key) => key.includes('/keys/') && isSame(key))
    const needs = this.#needs.get(snapshot)
    if (needs === undefined || !opens || !isSame(this.#config) || !isSame(snapshot)) {
      return true
    }
    return [...needs].some((blob) => {
      const places = this.#places.get(blob) ?? []
      return !places.some(({ pack, start, end, index }) => {
        return isSame(index) && isSameRange(this.#base.get(pack), objects.get(pack), start, end)
      })
    })
  }

  /** Also names each blob by the first use that is met. `path` is undefined in what is restic's own. */
  async #walk(
    read: (id: Buffer) => Promise<readonly TreeNode[]>,
    tree: string,
    path: string | undefined,
    needs: Set<string>,
  ): Promise<void> {
    this.#note(`tree ${tree}`, path === undefined ? 'stock' : 'trees', needs)
    for (const node of await read(Buffer.from(tree, 'hex'))) {
      if (node.kind === 'folder') {
        const below = path === undefined ? undefined : `${path}${node.name}/`
        await this.#walk(read, node.subtree.toString('hex'), below, needs)
      }
      for (let start = 0; node.kind === 'file' && start < node.content.byteLength; start += ID_BYTES) {
        const id = node.content.toString('hex', start, start + ID_BYTES)
        this.#note(`data ${id}`, kindAt(path), needs)
      }
    }
  }

  #note(blob: string, kind: BlobKind, needs: Set<string>): void {
    needs.add(blob)
    if (!this.#kinds.has(blob)) {
      this.#kinds.set(blob, kind)
    }
  }
}

function kindAt(path: string | undefined): BlobKind {
  if (path === undefined) {
    return 'stock'
  }
  return path === '' ? 'labels' : path.startsWith('images/') ? 'images' : 'pages'
}

/** Whether a file has the same bytes there; without a range, as a whole. */
function isSameRange(base: Uint8Array | undefined, now: Uint8Array | undefined, start = 0, end?: number): boolean {
  if (base === undefined || now === undefined) {
    return false
  }
  return base === now || Buffer.compare(base.subarray(start, end), now.subarray(start, end)) === 0
}
