import { IdList } from '../repository/id-list.ts'

/** The content of a file, of which some ids become known later; told once, when all are. */
export class PendingContent {
  readonly #ids = new IdList()
  #waiting = 0
  #tell: ((content: Buffer) => void) | undefined

  addAll(ids: Uint8Array): void {
    this.#ids.addAll(ids)
  }

  /** Keeps a place for the next id. */
  reserve(): (id: Buffer) => void {
    this.#waiting += 1
    const set = this.#ids.reserve()
    return (id) => {
      set(id)
      this.#waiting -= 1
      this.#settle()
    }
  }

  /** All places have been kept: tells the content now, or when the last id is known. */
  whenKnown(tell: (content: Buffer) => void): void {
    this.#tell = tell
    this.#settle()
  }

  #settle(): void {
    if (this.#waiting === 0 && this.#tell !== undefined) {
      this.#tell(this.#ids.bytes)
      this.#tell = undefined
    }
  }
}
