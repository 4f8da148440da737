/** A part of a content: from `start` up to, not including, `end`, in bytes. */
export interface Range {
  readonly start: number
  readonly end: number
}

/**
 * Bytes that can be read again: opening twice gives the same bytes. A chunk is valid until the next one is asked for;
 * whoever keeps it copies it.
 */
export interface Content {
  readonly bytes: number
  open(range?: Range): Promise<AsyncIterable<Uint8Array>>
}
