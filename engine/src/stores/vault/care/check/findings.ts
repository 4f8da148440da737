import type { BlobType } from '../../format/blob.ts'
import type { BlobIndex } from '../../repository/blob-index.ts'
import type { HurtBackup } from '../name-snapshots.ts'
import type { NumberedBlob } from '../pack-contents.ts'
import type { VaultProblem } from './vault-report.ts'

/** Problems as they are found, which places of blobs they spoil, and which backups that hurts. */
export class Findings {
  readonly notes: string[] = []
  readonly #problems: { file: string; problem: string; hurts: Map<string, HurtBackup> }[] = []
  /** The problem of a place of a blob. */
  readonly #spoilt: Record<BlobType, Map<number, number>> = { data: new Map(), tree: new Map() }

  get problems(): readonly VaultProblem[] {
    return this.#problems.map(({ file, problem, hurts }) => ({ file, problem, hurts: [...hurts.values()] }))
  }

  get count(): number {
    return this.#problems.length
  }

  /** Gives the number of the problem. */
  add(file: string, problem: string, spoilt: readonly NumberedBlob[] = []): number {
    const number = this.#problems.push({ file, problem, hurts: new Map() }) - 1
    for (const { number: place, blob } of spoilt) {
      this.#spoilt[blob.type].set(place, number)
    }
    return number
  }

  hurt(problem: number, backup: HurtBackup): void {
    this.#problems[problem]?.hurts.set(backup.snapshot, backup)
  }

  /** The problem because of which a blob is nowhere whole, as far as that is known. */
  spoiling(index: BlobIndex, type: BlobType, id: Uint8Array): number | undefined {
    if (this.#spoilt[type].size === 0) {
      return undefined
    }
    const ids = index.ids(type)
    let problem: number | undefined
    for (let place = ids.find(id); place !== undefined; place = ids.earlier(place)) {
      problem = this.#spoilt[type].get(place)
      if (problem === undefined) {
        return undefined
      }
    }
    return problem
  }
}
