import { addVaultStarts, type VaultStart } from '../vault-starts.ts'
import { choosePoints } from './choose-points.ts'
import type { DriverJob } from './driver-job.ts'
import { kindOf } from './kill-point.ts'
import type { KillRig } from './kill-rig.ts'

/** A job that is killed, and the shops in which it begins. A new job: add it to the driver, and a line here. */
export interface Scenario {
  readonly job: DriverJob
  /** The names of the starts. `points` is how many points will be tried in all. */
  makeStarts(rig: KillRig, points: number, seed: number): Promise<readonly string[]>
}

export type ScenarioName = 'backup' | 'restore' | 'recover' | 'settings' | 'export' | 'prune' | 'repair'

export const scenarios: Readonly<Record<ScenarioName, Scenario>> = {
  backup: { job: 'backup', makeStarts: async () => ['traded', 'archives', 'rollback', 'vault', 'new-vault'] },
  restore: { job: 'restore', makeStarts: async () => ['traded', 'rollback', 'missing', 'ruined', 'vault'] },
  recover: { job: 'recover', makeStarts: interruptRestores },
  settings: { job: 'settings', makeStarts: async () => ['traded'] },
  export: { job: 'export', makeStarts: async () => ['traded'] },
  prune: { job: 'prune', makeStarts: (rig) => needingCare(rig, ['forgotten-days', 'left-packs']) },
  repair: { job: 'repair', makeStarts: (rig) => needingCare(rig, ['no-index', 'hurt-header', 'lost-folders']) },
}

async function needingCare({ rig }: KillRig, starts: readonly VaultStart[]): Promise<readonly VaultStart[]> {
  await addVaultStarts(rig, starts)
  return starts
}

/** How many interrupted restores the recoveries of a campaign begin from, at most; each costs a recording. */
const INTERRUPTIONS = 8

/** Shops whose restore was killed, at points that leave one to recover. */
async function interruptRestores(kills: KillRig, points: number, seed: number): Promise<readonly string[]> {
  const count = Math.min(INTERRUPTIONS, Math.ceil(points / 3))
  const starts: string[] = []
  const found = await kills.findPoints('restore', 'traded')
  for (const point of choosePoints(found, found.length, seed, kindOf)) {
    if (starts.length === count) {
      break
    }
    await kills.kill('restore', 'traded', point)
    if (kills.rig.isRestoring) {
      const start = `interrupted-${starts.length + 1}`
      kills.rig.keepAs(start)
      starts.push(start)
    }
  }
  return starts
}
