/** What was put into the images folder on purpose; paths are relative to it, with `/`. */
export interface PlantedImages {
  readonly files: number
  readonly bytes: number
  /** Products and categories that have a good picture of their own. */
  readonly referenced: readonly string[]
  /** Groups of files with the same bytes. */
  readonly duplicates: readonly (readonly string[])[]
  /** Files that no row names. */
  readonly orphans: readonly string[]
  readonly oversized: readonly string[]
  readonly broken: readonly { readonly path: string; readonly why: 'truncated' | 'wrong-extension' | 'empty' }[]
  /** Paths that a row names and that are not there. */
  readonly missing: readonly string[]
}
