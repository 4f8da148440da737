import { TillsafeError } from '../../../model/index.ts'
import type { Range } from '../../../snapshot/content.ts'
import { ID_BYTES } from '../format/blob-id.ts'
import { type BlobIndex, type BlobPlace, plainBytesOf } from '../repository/blob-index.ts'

/** A blob of a file: where it lies, and where its bytes begin in the file. */
export interface ContentBlob {
  readonly place: BlobPlace
  readonly start: number
}

/** The blobs of a file that hold a range of it, in order. Error: `vault.damaged` when one is known to no index. */
export function* blobsIn(index: BlobIndex, content: Buffer, { start, end }: Range): Iterable<ContentBlob> {
  let position = 0
  for (let number = 0; number < content.byteLength && position < end; number += ID_BYTES) {
    const id = content.subarray(number, number + ID_BYTES)
    const place = index.find('data', id)
    if (place === undefined) {
      throw new TillsafeError('vault.damaged', `no index knows the data blob ${id.toString('hex')}`)
    }
    const next = position + plainBytesOf(place.blob)
    if (next > start) {
      yield { place, start: position }
    }
    position = next
  }
}
