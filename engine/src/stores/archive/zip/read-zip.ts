import { type FileHandle, open } from 'node:fs/promises'
import { readItem } from './read-item.ts'
import { scanZip } from './scan-zip.ts'
import { LocatedItem, type ZipItem } from './zip-item.ts'
import type { ZipLimits } from './zip-limits.ts'

/**
 * A ZIP that `writeZip` could have written: any other is refused before a byte of it is unpacked. `archive.damaged` when
 * it is not whole, `archive.unsafe` when it says something that none of ours says.
 */
export class ZipReader implements AsyncDisposable {
  readonly count: number
  /** The last two items, or as many as there are. */
  readonly lastTwo: readonly ZipItem[]
  readonly #file: FileHandle
  readonly #limits: ZipLimits

  private constructor(file: FileHandle, limits: ZipLimits, count: number, lastTwo: readonly ZipItem[]) {
    this.#file = file
    this.#limits = limits
    this.count = count
    this.lastTwo = lastTwo
  }

  /** Reads the whole directory, and what stands around each file. */
  static async open(path: string, limits: ZipLimits): Promise<ZipReader> {
    const file = await open(path, 'r')
    try {
      let count = 0
      let lastTwo: ZipItem[] = []
      for await (const item of scanZip(file, limits)) {
        count++
        lastTwo = [...lastTwo.slice(-1), item]
      }
      return new ZipReader(file, limits, count, lastTwo)
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** In the order in which they lie in the archive. They are not held: each time, the directory is read and judged anew. */
  items(): AsyncGenerator<ZipItem, void> {
    return scanZip(this.#file, this.#limits)
  }

  /** The bytes of one of the items: a stream that ends without an error gave the right ones, and never gives more. */
  async read(item: ZipItem): Promise<AsyncIterable<Uint8Array>> {
    if (!(item instanceof LocatedItem)) {
      throw new TypeError('read takes an item of this archive')
    }
    return readItem(this.#file, item)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close()
  }
}
