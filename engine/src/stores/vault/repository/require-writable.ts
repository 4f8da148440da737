import { TillsafeError } from '../../../model/index.ts'
import type { Repository } from './repository.ts'

/** Refuses a repository of format 1, which is only read. Error: `vault.read-only`. */
export function requireWritable({ isReadOnly, config, files }: Repository): void {
  if (isReadOnly) {
    throw new TillsafeError(
      'vault.read-only',
      `the vault in ${files.root} has format ${config.version}: it is only read`,
    )
  }
}
