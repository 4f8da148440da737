import { TillsafeError } from '../../../model/index.ts'
import type { Range } from '../../../snapshot/content.ts'
import { ID_BYTES } from '../format/blob-id.ts'
import type { BlobTable } from '../repository/blob-table.ts'

/** A blob of a file: the number of its place, and where its bytes begin in the file. */
export interface ContentBlob {
  readonly number: number
  readonly start: number
}

/** The blobs of a file that hold a range of it, in order. Error: `vault.damaged` when one is known to no index. */
export function* blobsIn(table: BlobTable, content: Buffer, { start, end }: Range): Iterable<ContentBlob> {
  let position = 0
  for (let at = 0; at < content.byteLength && position < end; at += ID_BYTES) {
    const number = table.ids.find(content, at)
    if (number === undefined) {
      const id = content.toString('hex', at, at + ID_BYTES)
      throw new TillsafeError('vault.damaged', `no index knows the data blob ${id}`)
    }
    const next = position + table.plainBytesOf(number)
    if (next > start) {
      yield { number, start: position }
    }
    position = next
  }
}
