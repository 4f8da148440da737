const PAUSE_MS = 5
const STILL_READS = 4
const MOST_READS = 200

/**
 * Reads bytes that another process may be writing until they make sense, or have stood still for a while and make none:
 * then undefined.
 */
export function readSettled<T>(read: () => Buffer, understand: (bytes: Buffer) => T | undefined): T | undefined {
  let before: Buffer | undefined
  for (let n = 0, still = 0; n < MOST_READS && still < STILL_READS; n += 1) {
    const bytes = Buffer.from(read())
    const understood = before?.equals(bytes) === true ? undefined : understand(bytes)
    if (understood !== undefined) {
      return understood
    }
    still = before?.equals(bytes) === true ? still + 1 : 0
    before = bytes
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS)
  }
  return undefined
}
