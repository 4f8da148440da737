import { choosePoints } from './choose-points.ts'
import type { DriverJob } from './driver-job.ts'
import { type KillPoint, parsePoint } from './kill-point.ts'
import { type Attempt, KillRig } from './kill-rig.ts'

export interface Campaign {
  readonly job: DriverJob
  /** How many points; all of them when there are fewer. */
  readonly points: number
  readonly seed: number
  /** One point by its name, to repeat what failed. */
  readonly only?: string
}

/** What a campaign found. */
export interface CampaignResult {
  /** How many points there are to choose from. */
  readonly known: number
  readonly attempts: readonly Attempt[]
}

/** How many interrupted restores the recoveries of a campaign begin from, at most; each costs a recording. */
const INTERRUPTIONS = 8

/** Kills one job at many points, one after the other, and checks the shop after each. */
export async function runCampaign(
  { job, points, seed, only }: Campaign,
  onAttempt: (attempt: Attempt) => void = () => undefined,
): Promise<CampaignResult> {
  using rig = await KillRig.make()
  const starts =
    job === 'recover' ? await interruptRestores(rig, seed, Math.min(INTERRUPTIONS, Math.ceil(points / 3))) : ['traded']
  const attempts: Attempt[] = []
  let known = 0
  for (const start of starts) {
    const found = await rig.findPoints(job, start)
    known += found.length
    for (const point of only ? [parsePoint(only)] : choosePoints(found, Math.ceil(points / starts.length), seed)) {
      const attempt = await rig.attempt(job, start, point)
      attempts.push(attempt)
      onAttempt(attempt)
    }
  }
  return { known, attempts }
}

/** Shops whose restore was killed, at points that leave one to recover. Their names. */
async function interruptRestores(rig: KillRig, seed: number, count: number): Promise<string[]> {
  const starts: string[] = []
  const points: KillPoint[] = await rig.findPoints('restore', 'traded')
  for (const point of choosePoints(points, points.length, seed)) {
    if (starts.length === count) {
      break
    }
    await rig.kill('restore', 'traded', point)
    if (rig.isRestoring) {
      const start = `interrupted-${starts.length + 1}`
      rig.keepAs(start)
      starts.push(start)
    }
  }
  return starts
}
