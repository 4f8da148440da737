import type { TillsafeError } from '../../../model/index.ts'
import { throwIfCancelled } from '../../../work/cancel.ts'
import { hasCode } from '../../has-code.ts'
import type { TreeNode } from '../format/tree.ts'
import type { BlobIndex } from '../repository/blob-index.ts'
import { IdTable } from '../repository/id-table.ts'
import { readTree } from '../repository/read-tree.ts'
import type { Repository } from '../repository/repository.ts'

/** A tree that was visited: its nodes, or why there are none. */
export interface VisitedTree {
  readonly number: number
  readonly id: Buffer
  readonly read: readonly TreeNode[] | TillsafeError
}

/** The trees that snapshots reach, and which of them leads to which. Each is read once; 60 bytes of it are kept. */
export class TreeGraph {
  readonly #ids = new IdTable()
  /** Where the subtrees of a tree begin in `#subtrees`. */
  readonly #starts: number[] = []
  readonly #subtrees: number[] = []

  get size(): number {
    return this.#ids.size
  }

  numberOf(id: Uint8Array): number | undefined {
    return this.#ids.find(id)
  }

  /** Visits what can be reached from these trees. Damage is given to the visitor, who may throw it. */
  async visit(
    repository: Repository,
    index: BlobIndex,
    roots: Iterable<Uint8Array>,
    signal: AbortSignal,
    visitor: (tree: VisitedTree) => void,
  ): Promise<void> {
    for (const root of roots) {
      this.#numbered(root)
    }
    for (let number = this.#starts.length; number < this.#ids.size; number += 1) {
      throwIfCancelled(signal)
      const id = Buffer.from(this.#ids.idAt(number))
      const read = await readTree(repository, index, id).catch(damageOf)
      this.#starts.push(this.#subtrees.length)
      for (const node of Array.isArray(read) ? read : []) {
        if (node.kind === 'folder') {
          this.#subtrees.push(this.#numbered(node.subtree))
        }
      }
      visitor({ number, id, read })
    }
  }

  /** The numbers of the trees below a tree, and its own. */
  *below(root: number): Iterable<number> {
    const seen = new Set([root])
    for (const number of seen) {
      yield number
      for (const subtree of this.#subtrees.slice(this.#starts[number], this.#starts[number + 1])) {
        seen.add(subtree)
      }
    }
  }

  #numbered(id: Uint8Array): number {
    return this.#ids.find(id) ?? this.#ids.add(id)
  }
}

function damageOf(error: unknown): TillsafeError {
  if (hasCode(error, 'vault.damaged', 'object.missing', 'destination.failed')) {
    return error
  }
  throw error
}
