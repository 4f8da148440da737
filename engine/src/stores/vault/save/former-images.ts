import type { Entry } from '../../../snapshot/entry.ts'
import { hasCode } from '../../has-code.ts'
import { ID_BYTES } from '../format/blob-id.ts'
import type { FileNode, TreeNode } from '../format/tree.ts'
import type { BlobIndex } from '../repository/blob-index.ts'
import { readTree } from '../repository/read-tree.ts'
import type { Repository } from '../repository/repository.ts'
import { IMAGES_PREFIX } from '../vault-paths.ts'

/** A file that was changed so shortly before a backup may have been changed again in the same tick of its disk's clock. */
const UNSURE_MS = 3000

/** The images of the last backup. Asked in order of path; only the folders on the way to the last image are held. */
export class FormerImages {
  readonly #repository: Repository
  readonly #index: BlobIndex
  readonly #takenMs: number
  /** By path, each with a slash at its end. */
  readonly #folders = new Map<string, ReadonlyMap<string, TreeNode>>()
  readonly #root: Buffer | undefined

  constructor(repository: Repository, index: BlobIndex, root: Buffer | undefined, takenMs: number) {
    this.#repository = repository
    this.#index = index
    this.#root = root
    this.#takenMs = takenMs
  }

  /** The same image in the last backup, when its size and time say that it has not changed. */
  async find({ path, bytes, modifiedMs }: Entry): Promise<FileNode | undefined> {
    const end = path.lastIndexOf('/') + 1
    const node = (await this.#folder(path.slice(0, end)))?.get(path.slice(end))
    if (node?.kind !== 'file' || !modifiedMs || modifiedMs > this.#takenMs - UNSURE_MS) {
      return undefined
    }
    const isSame = node.bytes === bytes && node.modifiedMs === modifiedMs
    return isSame && this.#isStored(node) ? node : undefined
  }

  /** A single blob: its id is the SHA-256 of the image. */
  #isStored({ bytes, content }: FileNode): boolean {
    return bytes === 0 ? content.byteLength === 0 : content.byteLength === ID_BYTES && this.#index.has('data', content)
  }

  async #folder(path: string): Promise<ReadonlyMap<string, TreeNode> | undefined> {
    const known = this.#folders.get(path)
    if (known !== undefined) {
      return known
    }
    for (const other of this.#folders.keys()) {
      if (!path.startsWith(other)) {
        this.#folders.delete(other)
      }
    }
    const id = await this.#idOf(path)
    if (id === undefined) {
      return undefined
    }
    const byName = new Map((await this.#read(id)).map((node) => [node.name, node]))
    this.#folders.set(path, byName)
    return byName
  }

  /** Nothing of a folder that has lost its pack: its images are read, and it is stored again. */
  async #read(id: Buffer): Promise<readonly TreeNode[]> {
    try {
      return await readTree(this.#repository, this.#index, id)
    } catch (error) {
      if (hasCode(error, 'object.missing', 'vault.damaged', 'destination.failed', 'destination.denied')) {
        return []
      }
      throw error
    }
  }

  async #idOf(path: string): Promise<Buffer | undefined> {
    if (path === IMAGES_PREFIX) {
      return this.#root
    }
    const above = path.lastIndexOf('/', path.length - 2) + 1
    const node = (await this.#folder(path.slice(0, above)))?.get(path.slice(above, -1))
    return node?.kind === 'folder' ? node.subtree : undefined
  }
}
