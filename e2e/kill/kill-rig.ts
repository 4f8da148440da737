import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unfinishedRestoresIn } from '../leftovers.ts'
import { SmallShop } from '../small-shop.ts'
import { checkShop, type States } from './check-shop.ts'
import { type DriverJob, ledgerOf } from './driver-job.ts'
import { findKillPoints } from './find-kill-points.ts'
import type { KillPoint } from './kill-point.ts'
import { runAndKill, runAndRecord } from './run-driver.ts'
import type { DriverEnd } from './start-driver.ts'

/** What one killed run came to. No problems: everything held. */
export interface Attempt extends Pick<DriverEnd, 'outcome' | 'said'> {
  readonly point: KillPoint
  readonly problems: readonly string[]
}

/** A small shop that is set up the same before each run, in a folder that goes away. */
export class KillRig implements Disposable {
  readonly shop: SmallShop
  readonly #folder: string
  readonly #firstBackup: string
  readonly #states: States

  private constructor(folder: string, shop: SmallShop, firstBackup: string, states: States) {
    this.#folder = folder
    this.shop = shop
    this.#firstBackup = firstBackup
    this.#states = states
  }

  /** The first start is called `traded`: a shop with one acknowledged backup, that has traded since. */
  static async make(): Promise<KillRig> {
    const folder = mkdtempSync(join(tmpdir(), 'tillsafe-kill-'))
    const shop = new SmallShop(join(folder, 'shop'))
    mkdirSync(shop.folder)
    await shop.create()
    const restored = shop.content()
    const firstBackup = await takeBackup(shop)
    shop.trade()
    const rig = new KillRig(folder, shop, firstBackup, { before: shop.content(), restored })
    rig.keepAs('traded')
    return rig
  }

  /** Keeps the shop as it is now as a start for other runs. */
  keepAs(start: string): void {
    cpSync(this.shop.folder, join(this.#folder, start), { recursive: true })
  }

  /** Every point of a job, in a run that nobody disturbs. */
  async findPoints(job: DriverJob, start: string): Promise<KillPoint[]> {
    this.#reset(start)
    const records = mkdtempSync(join(this.#folder, 'records-'))
    const { outcome, said } = await runAndRecord(job, this.shop.folder, records)
    if (outcome !== 'done') {
      throw new Error(`the undisturbed ${job} ${outcome}: ${said}`)
    }
    return findKillPoints(records, this.shop.folder)
  }

  /** Kills a job at a point, and checks the shop. */
  async attempt(job: DriverJob, start: string, point: KillPoint): Promise<Attempt> {
    const { outcome, said } = await this.kill(job, start, point)
    const problems = await checkShop(this.shop, job, this.#states)
    return { point, outcome, said, problems: outcome === 'hung' ? ['the job hung', ...problems] : problems }
  }

  kill(job: DriverJob, start: string, point: KillPoint): Promise<DriverEnd> {
    this.#reset(start)
    return runAndKill(job, this.shop.folder, point)
  }

  /** Whether a restore is on its way in the shop as it is now. */
  get isRestoring(): boolean {
    return unfinishedRestoresIn(this.shop).length > 0
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #reset(start: string): void {
    rmSync(this.shop.folder, { recursive: true, force: true })
    cpSync(join(this.#folder, start), this.shop.folder, { recursive: true, preserveTimestamps: true })
    writeFileSync(ledgerOf(this.shop.folder), `backup ${this.#firstBackup}\n`)
  }
}

async function takeBackup(shop: SmallShop): Promise<string> {
  await using center = await shop.open()
  const { backup } = await center.backUp().result
  return backup.label.id
}
