import type { ArchiveManifest } from '../../model/index.ts'

/** What is said of an archive without naming its entries. */
export interface ArchiveOutline {
  readonly manifest: ArchiveManifest
  /** How many entries the manifest names. */
  readonly entries: number
  /** SHA-256 of `manifest.json`: archives with the same one hold the same, to the byte. */
  readonly sha256: string
}
