import { FreshZstd } from './fresh-zstd.ts'
import { ReusedZstd } from './reused-zstd.ts'
import type { ZstdFrames } from './zstd-frames.ts'

/**
 * The quickest way that works here. Working memory that is used again makes a page three times as quick, and Node has no
 * documented way to do that: whether its parts are there and behave is tried out.
 */
export function chooseZstd(): ZstdFrames {
  const reused = new ReusedZstd()
  return behaves(reused) ? reused : new FreshZstd()
}

const SAMPLE = Uint8Array.from({ length: 600 }, (_, index) => index % 50)

function behaves(frames: ZstdFrames): boolean {
  try {
    return [1, 2].every(() => {
      const frame = frames.compress(SAMPLE, 1)
      const opened = new Uint8Array(SAMPLE.byteLength)
      const isOpened = frame !== undefined && frames.decompress(frame, opened)
      return isOpened && Buffer.compare(opened, SAMPLE) === 0 && !frames.decompress(SAMPLE, opened)
    })
  } catch {
    return false
  }
}
