import { blobIdOf } from '../format/blob-id.ts'
import { LEVEL } from '../format/compression-levels.ts'
import { type FileNode, type Owner, TreeText } from '../format/tree.ts'
import { PackBuilder } from '../pool/pack-builder.ts'
import type { BlobIndex } from '../repository/blob-index.ts'
import { IdTable } from '../repository/id-table.ts'
import type { Repository } from '../repository/repository.ts'
import type { PackWriter } from './pack-writer.ts'

/**
 * Makes the trees of a snapshot from its files, which come in order of path: what follows a folder's last file is never
 * below it. A folder is written, and forgotten, once the content of all its files is known.
 */
export class TreeBuilder {
  readonly #owner: Owner
  readonly #index: BlobIndex
  readonly #packs: PackWriter
  readonly #builder: PackBuilder
  readonly #added = new IdTable()
  readonly #root: Folder
  readonly #open: Folder[]

  constructor(repository: Repository, index: BlobIndex, packs: PackWriter, owner: Owner) {
    this.#owner = owner
    this.#index = index
    this.#packs = packs
    this.#builder = new PackBuilder(repository.sealer, 'tree')
    this.#root = newFolder('', owner)
    this.#open = [this.#root]
  }

  /** Takes the next file; its content is told when it is known, and then it may have another time. */
  async file(path: string, file: Pick<FileNode, 'bytes' | 'modifiedMs'>): Promise<TellContent> {
    const names = path.split('/')
    const name = names.pop() ?? ''
    const folder = await this.#enter(names)
    folder.waiting += 1
    return (content, modifiedMs = file.modifiedMs) => {
      folder.text.add({ kind: 'file', name, bytes: file.bytes, modifiedMs, content })
      folder.waiting -= 1
    }
  }

  /** Ends all folders. The content of every file has been told. Gives the id of the root. */
  async finish(): Promise<Buffer> {
    await this.#enter([])
    await this.#writeEnded(this.#root)
    return await this.#write(this.#root)
  }

  /** Stores what is in the pack in work. */
  rest(): ReturnType<PackBuilder['rest']> {
    return this.#builder.rest()
  }

  async #enter(names: readonly string[]): Promise<Folder> {
    let depth = 0
    while (depth < names.length && this.#open[depth + 1]?.name === names[depth]) {
      depth += 1
    }
    for (const left of this.#open.splice(depth + 1).reverse()) {
      left.hasEnded = true
    }
    await this.#writeEnded(this.#root)
    for (const name of names.slice(depth)) {
      const parent = this.#open.at(-1) ?? this.#root
      const folder = newFolder(name, this.#owner)
      parent.below.add(folder)
      this.#open.push(folder)
    }
    return this.#open.at(-1) ?? this.#root
  }

  async #writeEnded(folder: Folder): Promise<void> {
    for (const below of folder.below) {
      await this.#writeEnded(below)
      if (below.hasEnded && below.waiting === 0 && below.below.size === 0) {
        folder.text.add({ kind: 'folder', name: below.name, subtree: await this.#write(below) })
        folder.below.delete(below)
      }
    }
  }

  async #write({ text }: Folder): Promise<Buffer> {
    const plain = text.encode()
    const id = blobIdOf(plain)
    if (!this.#index.has('tree', id) && this.#added.find(id) === undefined) {
      this.#added.add(id)
      const pack = this.#builder.add(id, plain, LEVEL)
      if (pack !== undefined) {
        await this.#packs.write(pack)
      }
    }
    return id
  }
}

/** Tells what a file holds. */
type TellContent = (content: Buffer, modifiedMs?: number) => void

interface Folder {
  readonly name: string
  readonly text: TreeText
  /** Folders in it that are not written yet. */
  readonly below: Set<Folder>
  /** Files whose content is not known yet. */
  waiting: number
  hasEnded: boolean
}

function newFolder(name: string, owner: Owner): Folder {
  return { name, text: new TreeText(owner), below: new Set(), waiting: 0, hasEnded: false }
}
