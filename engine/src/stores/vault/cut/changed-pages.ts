import type { PageMap } from '../../../snapshot/pages/page-map.ts'

/** By page, from 0: 1 where it is new or has changed since the former map, which has pages of the same size. */
export function changedPages(map: PageMap, former: PageMap | undefined): Uint8Array {
  const changed = new Uint8Array(map.pages).fill(1)
  const comparable = former === undefined ? 0 : comparablePages(map, former)
  for (let page = 0; page < comparable; page += 1) {
    changed[page] = former?.hashes.equals(page, map.hashes) ? 0 : 1
  }
  return changed
}

/** How many pages two databases can have in common: the last, shorter one only when they are of the same length. */
function comparablePages(map: PageMap, former: PageMap): number {
  const bytes = Math.min(map.bytes, former.bytes)
  return map.bytes === former.bytes ? map.pages : Math.floor(bytes / map.pageBytes)
}
