/** One file of an archive. */
export interface ZipItem {
  readonly path: string
  readonly bytes: number
  readonly compressedBytes: number
}

/** One file of an archive, and where its bytes are. */
export class LocatedItem implements ZipItem {
  readonly path: string
  readonly bytes: number
  readonly compressedBytes: number
  readonly start: number
  readonly crc32: number
  readonly method: number

  constructor(found: Pick<LocatedItem, 'path' | 'bytes' | 'compressedBytes' | 'start' | 'crc32' | 'method'>) {
    this.path = found.path
    this.bytes = found.bytes
    this.compressedBytes = found.compressedBytes
    this.start = found.start
    this.crc32 = found.crc32
    this.method = found.method
  }
}
