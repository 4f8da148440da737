import { createHash } from 'node:crypto'
import type { ArchiveEntry } from '../../model/index.ts'
import type { Content } from '../../snapshot/content.ts'
import type { ZipSource } from './zip/write-zip.ts'

/** What is said of a file before it is written into an archive. */
export interface SourceHeading {
  readonly path: string
  readonly level: number
  readonly modifiedMs?: number | undefined
  /** The date in the ZIP, where the file itself has none. */
  readonly datedMs: number
}

/** A file on its way into an archive, that knows what was written of it. */
export class CountedSource implements ZipSource {
  readonly path: string
  readonly level: number
  readonly bytes: number
  readonly modifiedMs: number
  readonly #heading: SourceHeading
  readonly #content: Content
  #written: { readonly bytes: number; readonly sha256: string } | undefined

  constructor(heading: SourceHeading, content: Content) {
    this.path = heading.path
    this.level = heading.level
    this.modifiedMs = heading.modifiedMs ?? heading.datedMs
    this.bytes = content.bytes
    this.#heading = heading
    this.#content = content
  }

  /** What the manifest says of it: known once it has been written whole. */
  get entry(): ArchiveEntry {
    if (this.#written === undefined) {
      throw new Error(`${this.path} was not read to its end`)
    }
    const { path, modifiedMs } = this.#heading
    return { path, ...this.#written, ...(modifiedMs === undefined ? {} : { modifiedMs }) }
  }

  async open(): Promise<AsyncIterable<Uint8Array>> {
    return this.#counted(await this.#content.open())
  }

  async *#counted(stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    const hash = createHash('sha256')
    let bytes = 0
    for await (const chunk of stream) {
      hash.update(chunk)
      bytes += chunk.byteLength
      yield chunk
    }
    this.#written = { bytes, sha256: hash.digest('hex') }
  }
}
