import type { Backup } from '@tillsafe/engine/model'

/** A backup as programs read it. */
export interface BackupDocument {
  readonly id: string
  readonly workspace: string
  readonly sequence: number
  readonly takenAt: string
  readonly trigger: string
  readonly origin: string
  readonly tiers: readonly string[]
  readonly bytes: number
  readonly places: Backup['places']
  readonly condition: 'sound' | 'damaged'
  readonly applicationVersion?: string
  readonly counters: Readonly<Record<string, number>>
  readonly problems: readonly string[]
}

export function backupDocument({ label, bytes, places }: Backup): BackupDocument {
  const { id, sequence, takenAt, trigger, origin, tiers, applicationVersion, counters, problems } = label
  return {
    id,
    workspace: label.workspace.id,
    sequence,
    takenAt,
    trigger,
    origin,
    tiers,
    bytes,
    places,
    condition: label.database.condition,
    ...(applicationVersion === undefined ? {} : { applicationVersion }),
    counters,
    problems,
  }
}
