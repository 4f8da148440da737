import { isRestlessPage } from './is-restless-page.ts'
import type { NewPiece } from './piece.ts'
import { RUN_BYTES } from './run-bytes.ts'

/** Cuts new pages into runs; pages that will be hit at random, and the first of a database, are blobs of their own. */
export function* cutFresh(bytes: Buffer, pageBytes: number, beginsDatabase: boolean): Generator<NewPiece> {
  let run = 0
  for (let at = 0; at < bytes.byteLength; at += pageBytes) {
    const page = bytes.subarray(at, at + pageBytes)
    // The first page holds the header, which every commit may change.
    if ((at === 0 && beginsDatabase) || isRestlessPage(page)) {
      yield* runOf(bytes.subarray(run, at), pageBytes)
      yield { kind: 'new', bytes: page, restless: true }
      run = at + page.byteLength
    } else if (at + pageBytes - run >= RUN_BYTES) {
      yield* runOf(bytes.subarray(run, at + pageBytes), pageBytes)
      run = at + page.byteLength
    }
  }
  yield* runOf(bytes.subarray(run), pageBytes)
}

function* runOf(bytes: Buffer, pageBytes: number): Generator<NewPiece> {
  if (bytes.byteLength > 0) {
    yield { kind: 'new', bytes, restless: bytes.byteLength <= pageBytes }
  }
}
