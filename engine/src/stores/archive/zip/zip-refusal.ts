import { printable } from '../../../model/printable.ts'
import { TillsafeError } from '../../../model/tillsafe-error.ts'

/** An archive that is not whole: no ZIP, cut short, or with other bytes than were written. */
export function damagedZip(what: string, cause?: unknown): TillsafeError {
  return new TillsafeError('archive.damaged', `the archive is damaged: ${what}`, { cause })
}

/** An archive that says something which none of ours says. */
export function unsafeZip(what: string, cause?: unknown): TillsafeError {
  return new TillsafeError('archive.unsafe', `the archive is unsafe: ${what}`, { cause })
}

/** A name from an archive in a sentence. */
export function quoted(name: string): string {
  return `"${printable(name)}"`
}
