import { type Facts, fingerprintDifferences } from '../../model/index.ts'
import type { InspectResult } from './inspect.ts'

/** How what was read from a copy differs from what is known of it, as sentences; none when it is what it should be. */
export function findDifferences(
  known: Facts['database'],
  { fingerprint, faults, encryption }: InspectResult,
): string[] {
  return [
    ...fingerprintDifferences(known.fingerprint, fingerprint),
    ...(encryption === known.encryption ? [] : [`encryption is ${encryption}, expected ${known.encryption}`]),
    ...(known.condition === 'sound' ? faults : []), // one that was damaged when it was copied still is
  ]
}
