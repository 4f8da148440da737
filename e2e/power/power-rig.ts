import { constants, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { checkShop, type States } from '../kill/check-shop.ts'
import { ledgerOf } from '../kill/driver-job.ts'
import { startDriver } from '../kill/start-driver.ts'
import { MountedDisk } from '../mounted-disk.ts'
import { SmallShop } from '../small-shop.ts'

/** A run whose power is cut. */
export interface PowerCut {
  readonly job: 'backup' | 'restore'
  /** So long after it began, or at the moment at which it has ended. */
  readonly afterMs: number | 'end'
  /** A disk that says it has synced, and has not: the control, which must lose. */
  readonly lies?: boolean
}

export interface PowerCutResult {
  readonly acknowledged: boolean
  /** What did not hold when the power was back; nothing is the promise. */
  readonly problems: readonly string[]
}

/** Room for the shop and for the reserve that jobs ask for. */
const DISK_BYTES = 320 * 1024 * 1024

const NO_SYNC = ['strace', '-f', '-qq', '-o', '/dev/null', '-e', 'trace=fsync,fdatasync']
const LIE = [...NO_SYNC, '-e', 'inject=fsync,fdatasync:retval=0']

/** A small shop (live data, home and destinations) on one disk, whose power can be cut. */
export class PowerRig implements Disposable {
  readonly #folder: string
  readonly #shop: SmallShop
  readonly #firstBackup: string
  readonly #states: States

  private constructor(folder: string, shop: SmallShop, firstBackup: string, states: States) {
    this.#folder = folder
    this.#shop = shop
    this.#firstBackup = firstBackup
    this.#states = states
  }

  static async make(): Promise<PowerRig> {
    const folder = mkdtempSync(join(tmpdir(), 'tillsafe-power-'))
    const shop = new SmallShop(join(folder, 'shop'))
    mkdirSync(shop.folder)
    using _disk = MountedDisk.inImage(shop.folder, templateIn(folder), DISK_BYTES)
    await shop.create()
    const restored = shop.content()
    const firstBackup = await takeBackup(shop)
    shop.trade()
    return new PowerRig(folder, shop, firstBackup, { before: shop.content(), restored })
  }

  async cut({ job, afterMs, lies = false }: PowerCut): Promise<PowerCutResult> {
    const shop = this.#shop
    const image = join(this.#folder, 'disk.img')
    copyFileSync(templateIn(this.#folder), image, constants.COPYFILE_FICLONE)
    writeFileSync(ledgerOf(shop.folder), `backup ${this.#firstBackup}\n`)
    using disk = MountedDisk.ofImage(shop.folder, image)
    const driver = await startDriver({ job, folder: shop.folder, under: lies ? LIE : [] })
    driver.begin()
    const ended = await Promise.race([driver.end, ...(afterMs === 'end' ? [] : [setTimeout(afterMs)])])
    disk.cutPower()
    driver.kill()
    await driver.end
    await disk.unmountOnceIdle()
    disk.mount()
    return { acknowledged: ended?.outcome === 'done', problems: await checkShop(shop, job, this.#states) }
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

function templateIn(folder: string): string {
  return join(folder, 'template.img')
}

async function takeBackup(shop: SmallShop): Promise<string> {
  await using center = await shop.open()
  const { backup } = await center.backUp().result
  return backup.label.id
}
