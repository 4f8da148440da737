/** What the process that unpacks an archive is told. */
export interface UnpackTask {
  readonly file: string
  /** A folder of ours for what is written. */
  readonly into: string
  /** Bytes that may be written there: behind the walls that can't be asked. */
  readonly freeBytes: number
  readonly write: UnpackWish
  /** The folder of the one part that is wanted. */
  readonly part: string | undefined
}

/** What of an archive is written while all of it is read. */
export type UnpackWish = 'nothing' | 'databases' | 'everything'
