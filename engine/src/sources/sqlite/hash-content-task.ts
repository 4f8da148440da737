import { closeSync, openSync } from 'node:fs'
import { TillsafeError } from '../../model/tillsafe-error.ts'
import type { CipherKey } from './cipher-key.ts'
import { findCipherIn } from './find-cipher.ts'
import { hashContent } from './hash-pages.ts'

/** Hash what the pages of an encrypted copy hold: a file of ours that nobody else uses. */
export interface HashContentTask {
  readonly kind: 'hash-content'
  readonly file: string
  /** What it is a copy of: the name that messages give. */
  readonly of: string
  readonly keys: readonly CipherKey[]
}

export function hashContentOf({ file, of, keys }: HashContentTask): string {
  const descriptor = openSync(file, 'r')
  try {
    const found = findCipherIn(descriptor, keys, of)
    const hash = found && hashContent(descriptor, found.cipher)
    if (hash === undefined) {
      throw new TillsafeError('backup.damaged', `${of} is no encrypted database`)
    }
    return hash
  } finally {
    closeSync(descriptor)
  }
}
