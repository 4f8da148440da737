import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KillPoint, Victim } from './kill-point.ts'

/**
 * Every point of a recorded run in which something is written below the folder. The other calls of that name count,
 * too (pipes, wake-ups), but are no places of their own.
 */
export function findKillPoints(records: string, folder: string): KillPoint[] {
  return readdirSync(records)
    .sort()
    .flatMap((victim) => pointsOf(victim as Victim, readFileSync(join(records, victim), 'utf8'), folder))
    .flatMap((point) => [point, ...orphaned(point)])
}

function orphaned(point: KillPoint): KillPoint[] {
  return point.victim.startsWith('child-')
    ? [{ ...point, victim: point.victim.replace('child', 'orphan') as Victim }]
    : []
}

function pointsOf(victim: Victim, record: string, folder: string): KillPoint[] {
  const counts = new Map<string, number>()
  const points: KillPoint[] = []
  for (const line of record.split('\n')) {
    const call = /^(\w+)\(/.exec(line)?.[1]
    if (call === undefined) {
      continue
    }
    const n = (counts.get(call) ?? 0) + 1
    counts.set(call, n)
    const on = pathIn(line, folder)
    if (on !== undefined) {
      points.push({ victim, call, n, on })
    }
  }
  return points
}

/** The last path below the folder that a line of strace names: of a rename or link, the new name. */
function pathIn(line: string, folder: string): string | undefined {
  const [call = ''] = line.split(') = ')
  const begin = call.lastIndexOf(`${folder}/`)
  return begin < 0 ? undefined : /^[^">]*/.exec(call.slice(begin + folder.length + 1))?.[0]
}
