import { choosePoints } from './choose-points.ts'
import { kindOf, parsePoint } from './kill-point.ts'
import { type Attempt, KillRig } from './kill-rig.ts'
import { type ScenarioName, scenarios } from './scenarios.ts'

export interface Campaign {
  readonly scenario: ScenarioName
  /** How many points; all of them when there are fewer. */
  readonly points: number
  readonly seed: number
  /** One start alone; all of the scenario's unless given. */
  readonly start?: string
  /** One point by its name, to repeat what failed. */
  readonly only?: string
}

/** What a campaign found. */
export interface CampaignResult {
  /** How many points there are to choose from. */
  readonly known: number
  readonly attempts: readonly Attempt[]
}

/** Kills one job at many points, one after the other, and checks the shop after each. */
export async function runCampaign(
  { scenario, points, seed, start: onlyStart, only }: Campaign,
  onAttempt: (attempt: Attempt) => void = () => undefined,
): Promise<CampaignResult> {
  using rig = await KillRig.make()
  const { job, makeStarts } = scenarios[scenario]
  const made = await makeStarts(rig, points, seed)
  const starts = onlyStart === undefined ? made : made.filter((name) => name === onlyStart)
  const attempts: Attempt[] = []
  let known = 0
  for (const [n, start] of starts.entries()) {
    const found = await rig.findPoints(job, start)
    known += found.length
    const share = Math.ceil((points - attempts.length) / (starts.length - n))
    for (const point of only ? [parsePoint(only)] : choosePoints(found, share, seed, kindOf)) {
      const attempt = await rig.attempt(job, start, point)
      attempts.push(attempt)
      onAttempt(attempt)
    }
  }
  return { known, attempts }
}
