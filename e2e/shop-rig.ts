import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkShop, type States } from './kill/check-shop.ts'
import { type DriverJob, ledgerOf } from './kill/driver-job.ts'
import { unfinishedRestoresIn } from './leftovers.ts'
import { SmallShop } from './small-shop.ts'

/** What a shop looks like when a run begins. Each has one acknowledged backup. */
type TillState = 'traded' | 'archives' | 'new-vault' | 'rollback' | 'missing' | 'ruined'

/** A small shop that is set up the same before each run, in a folder that goes away. */
export class ShopRig implements Disposable {
  readonly shop: SmallShop
  readonly folder: string
  readonly #starts = new Map<string, Start>()
  #start = ''

  private constructor(folder: string, shop: SmallShop) {
    this.folder = folder
    this.shop = shop
  }

  /**
   * The starts: a till that has `traded` since the backup, with sales in the `-wal` file; the same with one destination
   * that keeps `archives`, or will make a `new-vault`; with a database in `rollback`-journal mode, with its database
   * `missing`, or `ruined`; and one whose backups are all in one `vault`.
   */
  static async make(): Promise<ShopRig> {
    const folder = mkdtempSync(join(tmpdir(), 'tillsafe-rig-'))
    const shop = new SmallShop(join(folder, 'shop'))
    mkdirSync(shop.folder)
    await shop.create()
    const restored = shop.content()
    const rig = new ShopRig(folder, shop)
    const backup = await takeBackup(shop)
    shop.trade()
    rig.keepAs('traded', { before: shop.content(), restored, backup })
    const makeState: Record<Exclude<TillState, 'traded'>, () => void | Promise<void>> = {
      archives: () => shop.keepElsewhere('archive'),
      'new-vault': () => shop.keepElsewhere('vault'),
      rollback: () => shop.useRollbackJournal(),
      missing: () => shop.loseDatabase(),
      ruined: () => writeFileSync(shop.database, Buffer.alloc(100_000, 'ruin')),
    }
    for (const [state, become] of Object.entries(makeState)) {
      rig.reset('traded')
      await become()
      rig.keepAs(state, { before: shop.content(), restored, backup })
    }
    await rig.#makeVault()
    return rig
  }

  /** Keeps the shop as it is now as a start for other runs. Its till may be in these states. */
  keepAs(start: string, made: Start = this.#startNow): void {
    this.#starts.set(start, made)
    cpSync(this.shop.folder, join(this.folder, start), { recursive: true, preserveTimestamps: true })
  }

  reset(start: string): void {
    this.#start = start
    rmSync(this.shop.folder, { recursive: true, force: true })
    cpSync(join(this.folder, start), this.shop.folder, { recursive: true, preserveTimestamps: true })
    const { backup, earlier = [] } = this.#startNow
    writeFileSync(ledgerOf(this.shop.folder), [...earlier, backup].map((id) => `backup ${id}\n`).join(''))
  }

  /** What does not hold after a run of this job, as sentences. */
  check(job: DriverJob): Promise<string[]> {
    return checkShop(this.shop, job, this.#startNow)
  }

  /** Whether a restore is on its way in the shop as it is now. */
  get isRestoring(): boolean {
    return unfinishedRestoresIn(this.shop).length > 0
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  async #makeVault(): Promise<void> {
    const { shop } = this
    this.reset('traded')
    await shop.keepVaultAlone()
    const restored = shop.content()
    const backup = await takeBackup(shop)
    shop.trade()
    this.keepAs('vault', { before: shop.content(), restored, backup })
  }

  get #startNow(): Start {
    const made = this.#starts.get(this.#start)
    if (made === undefined) {
      throw new Error(`there is no start ${this.#start}`)
    }
    return made
  }
}

/** A start: the states that its till may be in, and the backups that were acknowledged. */
interface Start extends States {
  readonly backup: string
  readonly earlier?: readonly string[]
}

async function takeBackup(shop: SmallShop): Promise<string> {
  await using center = await shop.open()
  const { backup } = await center.backUp().result
  return backup.label.id
}
