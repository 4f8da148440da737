/** Makes and reads frames of zstd, one after the other on one thread. */
export interface ZstdFrames {
  /** A frame that names its content's size; undefined when it would not be smaller. A view: it is valid until the next call. */
  compress(plain: Uint8Array, level: number): Uint8Array | undefined
  /** Fills the target with what the frame holds. False when that does not fit exactly, or may not: then it may hold anything. */
  decompress(frame: Uint8Array, target: Uint8Array): boolean
}
