import type { Content } from '../../../snapshot/content.ts'
import type { PageMap } from '../../../snapshot/pages/page-map.ts'
import { changedPages } from './changed-pages.ts'
import { cutFresh } from './cut-fresh.ts'
import { FormerBlobs } from './former-blobs.ts'
import { type FormerCut, isCutOf } from './former-cut.ts'
import { PageReader, WINDOW_BYTES } from './page-reader.ts'
import type { NewPiece, Piece } from './piece.ts'
import { planSpans } from './plan-spans.ts'
import type { NewSpan, Span } from './span.ts'

/** What is known of a database from its last backup: how it was cut, and the map that it had. */
export interface FormerDatabase {
  readonly cut: FormerCut
  readonly map: PageMap
}

/**
 * Cuts a database, described by its map, at the borders of its pages, so that what has not changed is again the blobs that it
 * was, and is not read. A piece is known only when every page of its blobs has the hash that it has in the former map; a
 * cut and a map that do not fit together or are of another page size are not used. Error: `backup.damaged` when what is read
 * is not what the map says.
 */
export async function* cutDatabase(content: Content, map: PageMap, former?: FormerDatabase): AsyncGenerator<Piece> {
  const usable = usableFor(map, former)
  const changed = changedPages(map, usable?.map)
  const reader = new PageReader(content, map)
  const { pageBytes, bytes, pages } = map
  const blobs = new FormerBlobs(usable?.cut, pageBytes, bytes)
  for (let start = 0, end = 0; start < pages; start = end) {
    const row = blobs.take(start)
    const covered = row.borders.at(-1) ?? start
    end = covered > start ? covered : Math.min(pages, start + WINDOW_BYTES / pageBytes)
    const spans: Span[] = covered > start ? planSpans(row, changed, pageBytes) : [{ kind: 'fresh', start, end }]
    await reader.read(start, spans)
    for (const span of spans) {
      yield* span.kind === 'known' ? [blobs.known(span.firstBlob, span.endBlob)] : newPieces(reader, span, pageBytes)
    }
  }
}

function usableFor(map: PageMap, former: FormerDatabase | undefined): FormerDatabase | undefined {
  const fits = former?.map.pageBytes === map.pageBytes && isCutOf(former.cut, former.map)
  return fits ? former : undefined
}

function newPieces(reader: PageReader, span: NewSpan, pageBytes: number): Iterable<NewPiece> {
  const bytes = reader.bytes(span.start, span.end)
  return span.kind === 'fresh'
    ? cutFresh(bytes, pageBytes, span.start === 0)
    : [{ kind: 'new', bytes, restless: span.restless }]
}
