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
  /** In the order in which they lie in the archive. */
  readonly items: readonly ZipItem[]
  readonly #file: FileHandle

  private constructor(file: FileHandle, items: readonly ZipItem[]) {
    this.#file = file
    this.items = items
  }

  /** Reads the whole directory, and what stands around each file. */
  static async open(path: string, limits: ZipLimits): Promise<ZipReader> {
    const file = await open(path, 'r')
    try {
      return new ZipReader(file, await scanZip(file, limits))
    } catch (error) {
      await file.close()
      throw error
    }
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
