/** A part of a content: from `start` up to, not including, `end`, in bytes. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** Bytes that can be read again: opening twice gives the same bytes. */
export interface Content {
  readonly bytes: number
  open(range?: Range): Promise<AsyncIterable<Uint8Array>>
}
