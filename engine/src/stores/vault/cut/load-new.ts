import type { PageMap } from './page-map.ts'
import type { PageReader } from './page-reader.ts'
import type { Span } from './span.ts'

/** Opening a content again costs about as much as reading this. */
const GAP_BYTES = 256 * 1024

/** Loads what is new in a window; what lies close together in one go. */
export async function loadNew(reader: PageReader, spans: readonly Span[], map: PageMap): Promise<void> {
  let [start, end] = [0, 0]
  for (const span of spans) {
    if (span.kind === 'known') {
      continue
    }
    if (end > start && (span.start - end) * map.pageBytes > GAP_BYTES) {
      await loadPages(reader, start, end, map)
      start = span.start
    }
    start = end > start ? start : span.start
    end = span.end
  }
  if (end > start) {
    await loadPages(reader, start, end, map)
  }
}

function loadPages(reader: PageReader, start: number, end: number, map: PageMap): Promise<void> {
  return reader.load(start * map.pageBytes, Math.min(map.bytes, end * map.pageBytes))
}
