const STEP_BYTES = 1024 * 1024
const MOST_KEPT = 8

/** Memory for what is read of packs: what has been used is used again. */
export class ReadMemory {
  readonly #free: ArrayBuffer[] = []

  /** Room for so many bytes. */
  take(bytes: number): Uint8Array<ArrayBuffer> {
    const index = bytes < STEP_BYTES / 2 ? -1 : this.#free.findIndex(({ byteLength }) => byteLength >= bytes)
    const [memory] = index < 0 ? [] : this.#free.splice(index, 1)
    return new Uint8Array(memory ?? new ArrayBuffer(roomFor(bytes)), 0, bytes)
  }

  giveBack(memory: ArrayBuffer): void {
    if (memory.byteLength >= STEP_BYTES && this.#free.length < MOST_KEPT) {
      this.#free.push(memory)
    }
  }
}

/** Reads differ by a blob: a little more room fits the next one too. */
function roomFor(bytes: number): number {
  return bytes < STEP_BYTES / 2 ? bytes : Math.ceil(bytes / STEP_BYTES) * STEP_BYTES
}
