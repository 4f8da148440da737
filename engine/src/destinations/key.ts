import { TillsafeError } from '../model/index.ts'
import { isEntryPath } from '../snapshot/entry.ts'
import type { Key } from './destination.ts'

const NAME = /^[\p{L}\p{M}\p{N}_. -]+$/u
/** What ext4, NTFS, exFAT and APFS can all store. */
const NAME_BYTES = 255

/** Throws unless `key` may name an object in every kind of destination. */
export function checkKey(key: Key): void {
  if (!isKey(key)) {
    throw new TillsafeError('destination.denied', `${JSON.stringify(key.slice(0, 200))} cannot name an object`, {
      hint: 'Names are letters, digits, dashes, underscores, dots and spaces, joined by slashes.',
    })
  }
}

/**
 * Whether `key` names an object: names joined by `/` that every platform can store, in composed form (NFC). Names
 * that begin with a dot are hidden and belong to the destination itself (`.tillsafe-drafts`).
 */
export function isKey(key: string): boolean {
  return isEntryPath(key) && key === key.normalize('NFC') && key.split('/').every(isName)
}

function isName(name: string): boolean {
  return NAME.test(name) && !name.startsWith('.') && new TextEncoder().encode(name).byteLength <= NAME_BYTES
}
