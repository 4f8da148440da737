import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { ShopRig } from '../shop-rig.ts'
import type { DriverJob } from './driver-job.ts'
import { findKillPoints } from './find-kill-points.ts'
import type { KillPoint } from './kill-point.ts'
import { runAndKill, runAndRecord } from './run-driver.ts'
import type { DriverEnd } from './start-driver.ts'

/** What one killed run came to. No problems: everything held. */
export interface Attempt extends Pick<DriverEnd, 'outcome' | 'said'> {
  readonly start: string
  readonly point: KillPoint
  readonly problems: readonly string[]
}

/** Jobs on a small shop that are killed. */
export class KillRig implements Disposable {
  readonly rig: ShopRig

  private constructor(rig: ShopRig) {
    this.rig = rig
  }

  static async make(): Promise<KillRig> {
    return new KillRig(await ShopRig.make())
  }

  /** Every point of a job, in a run that nobody disturbs. */
  async findPoints(job: DriverJob, start: string): Promise<KillPoint[]> {
    this.rig.reset(start)
    const records = mkdtempSync(join(this.rig.folder, 'records-'))
    const { outcome, said } = await runAndRecord(job, this.rig.shop.folder, records)
    if (outcome !== 'done') {
      throw new Error(`the undisturbed ${job} ${outcome}: ${said}`)
    }
    return findKillPoints(records, this.rig.shop.folder)
  }

  /** Kills a job at a point, and checks the shop. */
  async attempt(job: DriverJob, start: string, point: KillPoint): Promise<Attempt> {
    const { outcome, said } = await this.kill(job, start, point)
    const problems = await this.rig.check(job)
    return { start, point, outcome, said, problems: outcome === 'hung' ? ['the job hung', ...problems] : problems }
  }

  kill(job: DriverJob, start: string, point: KillPoint): Promise<DriverEnd> {
    this.rig.reset(start)
    return runAndKill(job, this.rig.shop.folder, point)
  }

  [Symbol.dispose](): void {
    this.rig[Symbol.dispose]()
  }
}
