import type { PageMap } from '../../../snapshot/pages/page-map.ts'

/** How a database was cut last time: its blobs in order, without an object for each. */
export interface FormerCut {
  /** SHA-256 of each blob's content, 32 bytes each. */
  readonly ids: Buffer
  /** The plain bytes of each blob. */
  readonly bytes: Uint32Array
}

/** A larger blob would not fit into the window that is looked at: it was not cut by us, or by rules of another time. */
const LARGEST_FORMER_BLOB = 1024 * 1024

/** Whether a cut can be that of the database which the map describes: the lengths agree, all borders are borders of pages. */
export function isCutOf(cut: FormerCut, map: PageMap): boolean {
  if (cut.ids.byteLength !== cut.bytes.length * 32) {
    return false
  }
  let end = 0
  for (const bytes of cut.bytes) {
    if (bytes === 0 || bytes > LARGEST_FORMER_BLOB || end % map.pageBytes !== 0) {
      return false
    }
    end += bytes
  }
  return end === map.bytes
}
