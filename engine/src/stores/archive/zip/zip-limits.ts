/** How much an archive may hold. */
export interface ZipLimits {
  readonly entries: number
  readonly totalBytes: number
  /** How many bytes one compressed byte may become. */
  readonly ratio: number
}

/**
 * What any shop fits in. Deflate makes 1032 bytes out of one at most, and a database full of empty pages comes close:
 * what claims more is a lie, and what claims less may be honest.
 */
export const ARCHIVE_LIMITS: ZipLimits = { entries: 1_000_000, totalBytes: 2 ** 40, ratio: 1032 }
