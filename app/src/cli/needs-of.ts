import type { Overview } from '@tillsafe/engine'

const HOUR_MS = 3_600_000
/** A shop that is closed on Sunday and Monday is not alarmed on Tuesday morning. */
const OLDEST_BACKUP_HOURS = 72

/** What of a workspace's state needs a person: sentences, each with what to do. */
export function needsOf(overview: Overview, now: string): string[] {
  return [
    ...databaseNeeds(overview),
    ...backupNeeds(overview, now),
    ...destinationNeeds(overview),
    ...overview.problems,
  ]
}

function databaseNeeds({ workspace, state, failure, unfinishedRestores }: Overview): string[] {
  return [
    ...(state === 'sound' ? [] : [stateNeed(workspace, state, failure)]),
    ...(unfinishedRestores === 0 ? [] : ['a restore was interrupted: close the till, then run tillsafe doctor again']),
  ]
}

/** With another key the database may be whole: restoring would lose what was sold since. */
function stateNeed(workspace: string, state: Overview['state'], failure: Overview['failure']): string {
  switch (failure?.code) {
    case 'source.key-wrong':
    case 'source.key-needed':
      return `the key of ${workspace} does not open its database: tillsafe workspace key ${workspace} --database-key-file FILE`
    case 'source.not-encrypted':
      return `the database of ${workspace} is not encrypted any more: find out why before anything is restored`
    default:
      return `the database of ${workspace} is ${state}: restore the last good backup`
  }
}

function backupNeeds({ workspace, lastGood }: Overview, now: string): string[] {
  if (lastGood === undefined) {
    return [`${workspace} has no good backup: tillsafe backup --workspace ${workspace}`]
  }
  const hours = Math.floor((Date.parse(now) - Date.parse(lastGood.label.takenAt)) / HOUR_MS)
  return hours > OLDEST_BACKUP_HOURS
    ? [`the last good backup of ${workspace} is ${hours} hours old: tillsafe backup --workspace ${workspace}`]
    : []
}

function destinationNeeds({ database, destinations }: Overview): string[] {
  return destinations.flatMap(({ name, freeBytes, hasRecovery, problem }) => {
    if (problem !== undefined) {
      return [`the destination ${name} can't be reached: ${problem}`]
    }
    return [
      ...(freeBytes !== undefined && freeBytes < (database?.bytes ?? 0)
        ? [`the destination ${name} has no room for the next backup`]
        : []),
      ...(hasRecovery === false ? [`the destination ${name} has no recovery file: tillsafe backup --to ${name}`] : []),
    ]
  })
}
