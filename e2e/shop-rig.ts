import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkShop, type States } from './kill/check-shop.ts'
import { type DriverJob, ledgerOf } from './kill/driver-job.ts'
import { unfinishedRestoresIn } from './leftovers.ts'
import { SmallShop } from './small-shop.ts'

/** What a shop looks like when a run begins. Each has one acknowledged backup. */
type TillState = 'traded' | 'archives' | 'rollback' | 'missing' | 'ruined'

/** A small shop that is set up the same before each run, in a folder that goes away. */
export class ShopRig implements Disposable {
  readonly shop: SmallShop
  readonly folder: string
  readonly #firstBackup: string
  readonly #states = new Map<string, States>()
  #start = ''

  private constructor(folder: string, shop: SmallShop, firstBackup: string) {
    this.folder = folder
    this.shop = shop
    this.#firstBackup = firstBackup
  }

  /**
   * The starts: a till that has `traded` since the backup, with sales in the `-wal` file; the same with one destination
   * that keeps `archives`; with a database in `rollback`-journal mode, with its database `missing`, or `ruined`.
   */
  static async make(): Promise<ShopRig> {
    const folder = mkdtempSync(join(tmpdir(), 'tillsafe-rig-'))
    const shop = new SmallShop(join(folder, 'shop'))
    mkdirSync(shop.folder)
    await shop.create()
    const restored = shop.content()
    const rig = new ShopRig(folder, shop, await takeBackup(shop))
    shop.trade()
    rig.keepAs('traded', { before: shop.content(), restored })
    const makeState: Record<Exclude<TillState, 'traded'>, () => void | Promise<void>> = {
      archives: () => shop.keepArchives(),
      rollback: () => shop.useRollbackJournal(),
      missing: () => shop.loseDatabase(),
      ruined: () => writeFileSync(shop.database, Buffer.alloc(100_000, 'ruin')),
    }
    for (const [state, become] of Object.entries(makeState)) {
      rig.reset('traded')
      await become()
      rig.keepAs(state, { before: shop.content(), restored })
    }
    return rig
  }

  /** Keeps the shop as it is now as a start for other runs. Its till may be in these states. */
  keepAs(start: string, states: States = this.#statesNow): void {
    this.#states.set(start, states)
    cpSync(this.shop.folder, join(this.folder, start), { recursive: true, preserveTimestamps: true })
  }

  reset(start: string): void {
    this.#start = start
    rmSync(this.shop.folder, { recursive: true, force: true })
    cpSync(join(this.folder, start), this.shop.folder, { recursive: true, preserveTimestamps: true })
    writeFileSync(ledgerOf(this.shop.folder), `backup ${this.#firstBackup}\n`)
  }

  /** What does not hold after a run of this job, as sentences. */
  check(job: DriverJob): Promise<string[]> {
    return checkShop(this.shop, job, this.#statesNow)
  }

  /** Whether a restore is on its way in the shop as it is now. */
  get isRestoring(): boolean {
    return unfinishedRestoresIn(this.shop).length > 0
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  get #statesNow(): States {
    const states = this.#states.get(this.#start)
    if (states === undefined) {
      throw new Error(`there is no start ${this.#start}`)
    }
    return states
  }
}

async function takeBackup(shop: SmallShop): Promise<string> {
  await using center = await shop.open()
  const { backup } = await center.backUp().result
  return backup.label.id
}
