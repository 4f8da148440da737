import { openSync, writeSync } from 'node:fs'
import type { HeldRange } from './hold-task.ts'
import { type PageLayout, readPages } from './page-layout.ts'

/**
 * A small file through which bytes of a held database go from one process to another: their memory is used again, while
 * messages with bytes in them leave garbage in both. It is open as long as the process lasts.
 */
export class HeldWindow {
  readonly #descriptor: number
  #buffer: Buffer = Buffer.alloc(0)

  constructor(path: string) {
    this.#descriptor = openSync(path, 'w', 0o600)
  }

  fill(layout: PageLayout, { start, end, at }: HeldRange): void {
    const { pageSize } = layout
    const first = Math.floor(start / pageSize)
    const pages = this.#room((Math.ceil(end / pageSize) - first) * pageSize)
    readPages(layout, first + 1, pages)
    const bytes = pages.subarray(start - first * pageSize, end - first * pageSize)
    for (let done = 0; done < bytes.byteLength; ) {
      done += writeSync(this.#descriptor, bytes, done, bytes.byteLength - done, at + done)
    }
  }

  #room(bytes: number): Buffer {
    if (this.#buffer.byteLength < bytes) {
      this.#buffer = Buffer.allocUnsafe(bytes)
    }
    return this.#buffer.subarray(0, bytes)
  }
}
