import type { FileHandle } from 'node:fs/promises'
import { damagedZip } from './zip-refusal.ts'

/** Small pieces of a file, read through a window that moves along with them: one call to the disk serves many. */
export class FileWindow {
  readonly fileBytes: number
  readonly #file: FileHandle
  readonly #window: Buffer
  #start = 0
  #end = 0

  constructor(file: FileHandle, fileBytes: number, windowBytes: number) {
    this.#file = file
    this.fileBytes = fileBytes
    this.#window = Buffer.allocUnsafe(windowBytes)
  }

  /** Exactly so many bytes, valid until the next ones are asked for. Pieces larger than the window are their own. */
  async bytes(position: number, length: number): Promise<Buffer> {
    if (position < 0 || position + length > this.fileBytes) {
      throw damagedZip('it is cut short')
    }
    if (length > this.#window.byteLength) {
      return this.#read(Buffer.allocUnsafe(length), position, length)
    }
    return this.inSight(position, length) ?? (await this.#moveTo(position, length)).subarray(0, length)
  }

  /** The bytes, when the window is there already: hundreds of thousands of waits for nothing take seconds. */
  inSight(position: number, length: number): Buffer | undefined {
    const isThere = position >= this.#start && position + length <= this.#end
    return isThere ? this.#window.subarray(position - this.#start, position - this.#start + length) : undefined
  }

  async #moveTo(position: number, atLeast: number): Promise<Buffer> {
    this.#end = this.#start
    await this.#read(this.#window, position, atLeast)
    return this.#window
  }

  /** Fills the buffer from there on as far as the file goes, at least with so many bytes. */
  async #read(into: Buffer, position: number, atLeast: number): Promise<Buffer> {
    let filled = 0
    while (filled < atLeast) {
      const { bytesRead } = await this.#file.read(into, filled, into.byteLength - filled, position + filled)
      if (bytesRead === 0) {
        throw damagedZip('it became shorter while it was read')
      }
      filled += bytesRead
    }
    if (into === this.#window) {
      this.#start = position
      this.#end = position + filled
    }
    return into
  }
}
