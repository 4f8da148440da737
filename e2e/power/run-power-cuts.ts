import type { FileSystem } from '../mounted-disk.ts'
import { type CutMoment, type PowerCut, type PowerCutResult, PowerRig, type PowerStart } from './power-rig.ts'

export interface PowerCampaignResult {
  readonly cuts: readonly PowerCutResult[]
  /** The same with syncs that do nothing: at least one must have lost something, else the rig proves nothing. */
  readonly control: readonly PowerCutResult[]
}

export type OnCut = (cut: PowerCut & PowerCutResult) => void

/** Cuts within this time fall into all phases of a job. */
const LONGEST_MS = 1600

/** Cuts the power so many times: every other time when a job has just been acknowledged, else at some moment of it. */
export async function runPowerCuts(
  cycles: number,
  fileSystem: FileSystem,
  onCut: OnCut = () => undefined,
  start?: PowerStart,
): Promise<PowerCampaignResult> {
  using rig = await PowerRig.make(fileSystem, start)
  const cuts: PowerCutResult[] = []
  const control: PowerCutResult[] = []
  for (let n = 0; n < cycles; n++) {
    const job = n % 4 < 2 ? 'backup' : 'restore'
    const when = n % 2 === 0 ? 'end' : Math.round((LONGEST_MS * (n + 1)) / cycles)
    const result = await rig.cut({ job, when })
    cuts.push(result)
    onCut({ job, when, ...result })
  }
  for (const job of ['backup', 'restore'] as const) {
    const result = await rig.cut({ job, when: 'end', lies: true })
    control.push(result)
    onCut({ job, when: 'end', lies: true, ...result })
  }
  return { cuts, control }
}

/**
 * Crashes so many times on a disk that says it has synced and has not: when a job has just been acknowledged, right after
 * one of its files was named, or at some moment.
 */
export async function runLyingSyncs(
  crashes: number,
  fileSystem: FileSystem,
  onCut: OnCut = () => undefined,
): Promise<readonly PowerCutResult[]> {
  using rig = await PowerRig.make(fileSystem)
  const results: PowerCutResult[] = []
  for (let n = 0; n < crashes; n++) {
    const job = n % 2 === 0 ? 'backup' : 'restore'
    const cut = { job, when: lyingMoments[job](Math.floor(n / 2), crashes / 2) } as const
    const result = await rig.cutLying(cut)
    results.push(result)
    onCut({ ...cut, lies: true, ...result })
  }
  return results
}

/** The moments of a turn: two of three are namings. Backups name by link; restores also replace by rename. */
const lyingMoments: Readonly<Record<PowerCut['job'], (turn: number, turns: number) => CutMoment>> = {
  backup: (turn, turns) => (turn % 3 === 0 ? otherMoment(turn, turns) : { call: 'link', n: 1 + (turn % 12) }),
  restore: (turn, turns) =>
    turn % 3 === 0
      ? otherMoment(turn, turns)
      : turn % 3 === 1
        ? { call: 'rename', n: 1 + (turn % 5) }
        : { call: 'link', n: 1 + (turn % 7) },
}

/** Tracing makes a job take longer. */
function otherMoment(turn: number, turns: number): CutMoment {
  return turn % 2 === 0 ? 'end' : Math.round((2 * LONGEST_MS * (turn + 1)) / turns)
}
