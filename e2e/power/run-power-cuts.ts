import { type PowerCut, type PowerCutResult, PowerRig } from './power-rig.ts'

export interface PowerCampaignResult {
  readonly cuts: readonly PowerCutResult[]
  /** The same with syncs that do nothing: at least one must have lost something, else the rig proves nothing. */
  readonly control: readonly PowerCutResult[]
}

/** Cuts within this time fall into all phases of a job. */
const LONGEST_MS = 1600

/** Cuts the power so many times: every other time when a job has just been acknowledged, else at some moment of it. */
export async function runPowerCuts(
  cycles: number,
  onCut: (cut: PowerCut & PowerCutResult) => void = () => undefined,
): Promise<PowerCampaignResult> {
  using rig = await PowerRig.make()
  const cuts: PowerCutResult[] = []
  const control: PowerCutResult[] = []
  for (let n = 0; n < cycles; n++) {
    const job = n % 4 < 2 ? 'backup' : 'restore'
    const afterMs = n % 2 === 0 ? 'end' : Math.round((LONGEST_MS * (n + 1)) / cycles)
    const result = await rig.cut({ job, afterMs })
    cuts.push(result)
    onCut({ job, afterMs, ...result })
  }
  for (const job of ['backup', 'restore'] as const) {
    const result = await rig.cut({ job, afterMs: 'end', lies: true })
    control.push(result)
    onCut({ job, afterMs: 'end', lies: true, ...result })
  }
  return { cuts, control }
}
