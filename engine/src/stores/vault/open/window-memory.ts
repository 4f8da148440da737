/** Shared memory for one stretch after another: what has been used is used again. */
export class WindowMemory {
  readonly #free: SharedArrayBuffer[] = []

  take(bytes: number): Uint8Array<SharedArrayBuffer> {
    const index = this.#free.findIndex(({ byteLength }) => byteLength >= bytes)
    const [memory] = index < 0 ? [] : this.#free.splice(index, 1)
    return new Uint8Array(memory ?? new SharedArrayBuffer(roomFor(bytes)), 0, bytes)
  }

  giveBack({ buffer }: Uint8Array): void {
    if (buffer instanceof SharedArrayBuffer) {
      this.#free.push(buffer)
    }
  }
}

const STEP_BYTES = 1024 * 1024

/** Stretches differ by a blob: a little more room fits the next one too. */
function roomFor(bytes: number): number {
  return bytes < STEP_BYTES ? bytes : Math.ceil(bytes / STEP_BYTES) * STEP_BYTES
}
