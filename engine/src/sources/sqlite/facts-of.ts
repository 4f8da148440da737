import {
  type DatabaseFingerprint,
  type Facts,
  fingerprintDifferences,
  type SchemaMap,
  TillsafeError,
} from '../../model/index.ts'
import { chainHeadsOf } from './chain-heads-of.ts'
import type { InspectResult } from './inspect.ts'
import type { SnapshotResult } from './snapshot-task.ts'

/** Throws when the copy is not what the source was; faults that the source has too only mark the backup. */
export function factsOf(
  copy: SnapshotResult,
  inspected: InspectResult,
  schemaMap: SchemaMap | undefined,
  problems: readonly string[],
): Facts {
  const { meaning, faults, unchecked } = inspected
  if (faults.length === 0) {
    requireEqual(copy.fingerprint, inspected.fingerprint)
  }
  return {
    database: {
      engine: 'sqlite',
      bytes: copy.bytes,
      sha256: copy.sha256,
      // Where pages don't fit together, rows are counted by one way or another: the label says what its own checks will find.
      fingerprint: inspected.fingerprint,
      condition: faults.length === 0 ? 'sound' : 'damaged',
      encryption: copy.encryption,
    },
    ...(schemaMap && { schemaMap: schemaMap.name }),
    ...(meaning.applicationVersion === undefined ? {} : { applicationVersion: meaning.applicationVersion }),
    ...(meaning.fiscalPeriod && { fiscalPeriod: meaning.fiscalPeriod }),
    sections: [...meaning.sections],
    counters: { ...meaning.counters },
    chainHeads: chainHeadsOf(meaning),
    problems: [...faults.slice(0, 20), ...unchecked.slice(0, 20), ...meaning.problems, ...problems].map((sentence) =>
      sentence.slice(0, 1000),
    ),
  }
}

function requireEqual(source: DatabaseFingerprint, copy: DatabaseFingerprint): void {
  const differences = fingerprintDifferences(source, copy)
  if (differences.length > 0) {
    throw new TillsafeError('backup.damaged', `the copy differs from the database: ${differences.join('; ')}`)
  }
}
