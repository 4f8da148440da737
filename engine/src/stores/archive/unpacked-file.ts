/**
 * The name of ours under which an entry is written: `000001` is the first of the archive, with index 0. Nothing that stands
 * in an archive becomes the name of a file.
 */
export function unpackedName(index: number): string {
  return `${index + 1}`.padStart(6, '0')
}

/** The name under which the manifest is written, where all that it names is. */
export const UNPACKED_MANIFEST = 'manifest'
