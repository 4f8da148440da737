const STEP_BYTES = 1024 * 1024
const MOST_KEPT = 8

/** Memory for one stretch after another: what has been used is used again. */
export class ReusedMemory<M extends ArrayBufferLike> {
  readonly #make: (bytes: number) => M
  readonly #free: M[] = []

  constructor(make: (bytes: number) => M) {
    this.#make = make
  }

  /** Room for so many bytes. */
  take(bytes: number): Uint8Array<M> {
    const index = isSmall(bytes) ? -1 : this.#free.findIndex(({ byteLength }) => byteLength >= bytes)
    const [memory] = index < 0 ? [] : this.#free.splice(index, 1)
    return new Uint8Array(memory ?? this.#make(roomFor(bytes)), 0, bytes)
  }

  giveBack(memory: M): void {
    if (memory.byteLength >= STEP_BYTES && this.#free.length < MOST_KEPT) {
      this.#free.push(memory)
    }
  }
}

/** Not worth keeping. */
function isSmall(bytes: number): boolean {
  return bytes < STEP_BYTES / 2
}

/** Stretches differ by a blob: a little more room fits the next one too. */
function roomFor(bytes: number): number {
  return isSmall(bytes) ? bytes : Math.ceil(bytes / STEP_BYTES) * STEP_BYTES
}
