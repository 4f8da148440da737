import type { Content } from '../../../snapshot/content.ts'
import { cutFresh } from './cut-fresh.ts'
import { FormerBlobs } from './former-blobs.ts'
import { type FormerCut, isCutOf } from './former-cut.ts'
import { ListedPages } from './listed-pages.ts'
import { loadNew } from './load-new.ts'
import { isPageSize, pageBytesOf } from './page-bytes.ts'
import { PageChanges } from './page-changes.ts'
import { PageMap } from './page-map.ts'
import { type PageReader, WINDOW_BYTES } from './page-reader.ts'
import type { NewPiece, Piece } from './piece.ts'
import { planSpans } from './plan-spans.ts'
import { ScannedPages } from './scanned-pages.ts'
import type { NewSpan, Span } from './span.ts'

/** What is known of a database from its last backup: how it was cut, and the map that was made then. */
export interface FormerDatabase {
  readonly cut: FormerCut
  readonly map: PageMap
  /**
   * Numbers of the database's pages, from 1: of those that were there before, no other has changed. They are believed; only
   * what lies near them is read.
   */
  readonly changed?: Iterable<number>
}

/** A database in pieces. The map describes them once all were taken. */
export interface DatabaseCut {
  readonly pieces: AsyncIterable<Piece>
  readonly map: PageMap
}

/**
 * Cuts a database at the borders of its pages, so that what has not changed is again the blobs that it was. A piece is
 * known only when every page of its blobs has the hash that it has in the former map, or is not in `changed`; a cut and a map
 * that do not fit together or are of another page size are not used. Throws `WrongPageList` when it reads a change that is
 * not in `changed`. The pieces can be taken once.
 */
export function cutDatabase(content: Content, pageSize: number, former?: FormerDatabase): DatabaseCut {
  const pageBytes = pageBytesOf(pageSize)
  const fits = former !== undefined && former.map.pageBytes === pageBytes && isCutOf(former.cut, former.map)
  const usable = fits ? former : undefined
  const changes = new PageChanges(new PageMap(pageBytes, content.bytes), usable?.map)
  const reader =
    usable?.changed !== undefined && isPageSize(pageSize)
      ? new ListedPages(content, changes, usable.changed, pageSize)
      : new ScannedPages(content, changes)
  return { pieces: piecesOf(reader, changes, usable?.cut), map: changes.map }
}

async function* piecesOf(reader: PageReader, changes: PageChanges, cut: FormerCut | undefined): AsyncGenerator<Piece> {
  await using _ = reader
  const { pageBytes, bytes } = changes.map
  const blobs = new FormerBlobs(cut, pageBytes, bytes)
  for (let start = 0, end = 0; start < bytes; start = end) {
    const row = blobs.take(start)
    const covered = Math.min(bytes, (row.borders.at(-1) ?? 0) * pageBytes)
    end = covered > start ? covered : Math.min(bytes, start + WINDOW_BYTES)
    await reader.look(start, end)
    const spans = covered > start ? planSpans(row, changes.changed, pageBytes) : [freshSpan(start, end, pageBytes)]
    await loadNew(reader, spans, changes.map)
    for (const span of spans) {
      yield* span.kind === 'known' ? [blobs.known(span.firstBlob, span.endBlob)] : newPieces(reader, span, changes.map)
    }
  }
}

function freshSpan(start: number, end: number, pageBytes: number): Span {
  return { kind: 'fresh', start: start / pageBytes, end: Math.ceil(end / pageBytes) }
}

function newPieces(reader: PageReader, span: NewSpan, map: PageMap): Iterable<NewPiece> {
  const bytes = reader.bytes(span.start * map.pageBytes, Math.min(map.bytes, span.end * map.pageBytes))
  return span.kind === 'fresh'
    ? cutFresh(bytes, map.pageBytes, span.start === 0)
    : [{ kind: 'new', bytes, restless: span.restless }]
}
