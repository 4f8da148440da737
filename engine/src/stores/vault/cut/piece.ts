/** The next stretch of a database: blobs of the former cut, or bytes of a new one. */
export type Piece = KnownPieces | NewPiece

/** So many bytes are these blobs of the former cut, one after another: views of `FormerCut`, to be copied or counted. */
export interface KnownPieces {
  readonly kind: 'known'
  readonly bytes: number
  /** 32 bytes each. */
  readonly ids: Buffer
  /** The plain bytes of each. */
  readonly lengths: Uint32Array
}

/** A blob to store. Its bytes are valid until the next piece is asked for: whoever keeps them copies them. */
export interface NewPiece {
  readonly kind: 'new'
  readonly bytes: Buffer
  /** Pages that will soon change again, or a single page: worth only light compression, which makes a single page smaller too. */
  readonly restless: boolean
}
