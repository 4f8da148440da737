/** What becomes of a stretch of a database. Pages count from 0, blobs as in the former cut. */
export type Span = KnownSpan | NewSpan

/** Blobs of the former cut that stay as they are. */
interface KnownSpan {
  readonly kind: 'known'
  readonly firstBlob: number
  readonly endBlob: number
}

/** Pages to store: `fresh` ones are cut into runs, `whole` ones are one blob. */
export type NewSpan =
  | { readonly kind: 'fresh'; readonly start: number; readonly end: number }
  | { readonly kind: 'whole'; readonly start: number; readonly end: number; readonly restless: boolean }
