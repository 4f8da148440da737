import { choosePoints } from '../kill/choose-points.ts'
import type { DriverJob } from '../kill/driver-job.ts'
import { addVaultStarts } from '../vault-starts.ts'
import { type ErrnoAttempt, type ErrnoPoint, ErrnoRig, type ErrnoRun } from './errno-rig.ts'
import type { DiskError, FaultMode } from './fault-control.ts'

/** Jobs under a failing disk, and the shops in which they begin. A new job: add it to the driver, and a line here. */
const errnoScenarios = {
  backup: { jobs: ['backup'], starts: ['traded', 'archives', 'vault', 'new-vault'] },
  restore: { jobs: ['restore'], starts: ['traded', 'missing', 'vault'] },
  start: { jobs: ['recover'], starts: ['traded'] },
  settings: { jobs: ['settings', 'create'], starts: ['traded'] },
  export: { jobs: ['export'], starts: ['traded'] },
  prune: { jobs: ['prune'], starts: ['forgotten-days', 'left-packs'] },
} as const satisfies Record<string, { jobs: readonly DriverJob[]; starts: readonly string[] }>

export type ErrnoScenario = keyof typeof errnoScenarios

export interface ErrnoCampaign {
  readonly scenario: ErrnoScenario
  readonly errors: readonly DiskError[]
  readonly modes: readonly FaultMode[]
  /** How many points of each job, start, error and mode; all of them when there are fewer. */
  readonly points: number
  readonly seed: number
  /** These starts alone; all of the scenario's unless given. */
  readonly starts?: readonly string[]
  /** One point by its number, to repeat what failed. */
  readonly only?: number
}

export interface ErrnoCampaignResult {
  readonly known: number
  readonly attempts: readonly ErrnoAttempt[]
}

/** Lets one call after the other fail, and checks the shop after each. */
export async function runErrnoCampaign(
  { scenario, errors, modes, points, seed, starts, only }: ErrnoCampaign,
  onAttempt: (attempt: ErrnoAttempt) => void = () => undefined,
): Promise<ErrnoCampaignResult> {
  using rig = await ErrnoRig.make()
  const attempts: ErrnoAttempt[] = []
  const faults: Fault[][] = []
  let known = 0
  const { jobs, starts: all } = errnoScenarios[scenario]
  await addVaultStarts(rig.rig, starts ?? all)
  for (const run of combine(jobs, starts ?? all, errors)) {
    const found = await rig.findPoints(run)
    const chosen = only === undefined ? choosePoints(found, points, seed, kindOf) : [{ n: only, call: '', on: '' }]
    known += found.length * modes.length
    faults.push(...modes.map((mode) => chosen.map((point) => ({ run: { ...run, mode }, point }))))
  }
  for (const { run, point } of inTurns(faults)) {
    const attempt = await rig.attempt(run, point)
    attempts.push(attempt)
    onAttempt(attempt)
  }
  return { known, attempts }
}

interface Fault {
  readonly run: ErrnoRun
  readonly point: ErrnoPoint
}

/** The first of each list, then the second of each: a campaign that is ended early has tried a part of all. */
function inTurns<T>(lists: readonly (readonly T[])[]): T[] {
  const turns = Math.max(0, ...lists.map(({ length }) => length))
  return Array.from({ length: turns }, (_, turn) => lists.flatMap((list) => list.slice(turn, turn + 1))).flat()
}

function combine(
  jobs: readonly DriverJob[],
  starts: readonly string[],
  errors: readonly DiskError[],
): { job: DriverJob; start: string; error: DiskError }[] {
  return jobs.flatMap((job) => starts.flatMap((start) => errors.map((error) => ({ job, start, error }))))
}

/** The call, and the place in the shop: home, a destination, or the till. */
function kindOf({ call, on }: ErrnoPoint): string {
  return `${call} ${on.split('/')[0]}`
}
