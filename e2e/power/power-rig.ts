import { constants, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { checkShop, type States } from '../kill/check-shop.ts'
import { ledgerOf } from '../kill/driver-job.ts'
import { startDriver } from '../kill/start-driver.ts'
import { whenStopped } from '../kill/when-stopped.ts'
import { type FileSystem, MountedDisk } from '../mounted-disk.ts'
import { contentOf } from '../shop-content.ts'
import { SmallShop } from '../small-shop.ts'

/** A run whose power is cut. */
export interface PowerCut {
  readonly job: 'backup' | 'restore'
  readonly when: CutMoment
  /** A disk that says it has synced, and has not. */
  readonly lies?: boolean
}

/** So long after a job began; when it has ended; or right after a process of it has given a file its name. */
export type CutMoment = number | 'end' | { readonly call: 'rename' | 'link'; readonly n: number }

export interface PowerCutResult {
  readonly acknowledged: boolean
  /** What did not hold when the power was back; nothing is the promise. */
  readonly problems: readonly string[]
}

/** Room for the shop and for the reserve that jobs ask for; xfs is not made smaller than 300 MB. */
const DISK_BYTES = 320 * 1024 * 1024

const LIE = ['-e', 'inject=fsync,fdatasync:retval=0']

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

  static async make(fileSystem: FileSystem): Promise<PowerRig> {
    const folder = mkdtempSync(join(tmpdir(), 'tillsafe-power-'))
    const shop = new SmallShop(join(folder, 'shop'))
    mkdirSync(shop.folder)
    using _disk = MountedDisk.inImage(shop.folder, templateIn(folder), DISK_BYTES, fileSystem)
    await shop.create()
    const restored = shop.content()
    const firstBackup = await takeBackup(shop)
    shop.trade()
    return new PowerRig(folder, shop, firstBackup, { before: shop.content(), restored })
  }

  /** Cuts the power, then checks that all holds. */
  cut(cut: PowerCut): Promise<PowerCutResult> {
    return this.#cut(cut, () => checkShop(this.#shop, cut.job, this.#states))
  }

  /** Cuts the power of a disk that lies: the backup that was taken before, on an honest disk, must still restore. */
  cutLying(cut: PowerCut): Promise<PowerCutResult> {
    return this.#cut({ ...cut, lies: true }, () => this.#checkFirstBackup())
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #cut({ job, when, lies = false }: PowerCut, check: () => Promise<string[]>): Promise<PowerCutResult> {
    const shop = this.#shop
    const image = join(this.#folder, 'disk.img')
    const log = join(this.#folder, 'signals')
    rmSync(log, { force: true })
    copyFileSync(templateIn(this.#folder), image, constants.COPYFILE_FICLONE)
    writeFileSync(ledgerOf(shop.folder), `backup ${this.#firstBackup}\n`)
    using disk = MountedDisk.ofImage(shop.folder, image)
    const driver = await startDriver({ job, folder: shop.folder, under: tracing(when, lies, log) })
    driver.begin()
    const over = new AbortController()
    const end = driver.end.finally(() => over.abort())
    const ended = when === 'end' ? await end : await Promise.race([end, momentOf(when, log, over.signal)])
    disk.cutPower()
    if (typeof ended === 'number') {
      process.kill(ended, 'SIGKILL')
    }
    driver.kill()
    await end
    await disk.unmountOnceIdle()
    disk.mount()
    return { acknowledged: typeof ended === 'object' && ended.outcome === 'done', problems: await check() }
  }

  /** A disk that lies may lose whatever was written since: not what an honest one had. */
  async #checkFirstBackup(): Promise<string[]> {
    const shop = this.#shop
    try {
      await using center = await shop.open()
      const into = join(this.#folder, 'brought-back')
      rmSync(into, { recursive: true, force: true })
      const { database, images } = await center.restoreInto({ id: this.#firstBackup }, into).result
      const content = contentOf(database, images ?? '')
      const { restored } = this.#states
      return content.database === restored.database && content.images === restored.images
        ? []
        : ['the honest backup has changed']
    } catch (error) {
      return [`the honest backup can't be brought back: ${(error as Error).stack}`]
    }
  }
}

function tracing(when: CutMoment, lies: boolean, log: string): string[] {
  const stop = typeof when === 'object' ? ['-e', `inject=${when.call}:signal=SIGSTOP:when=${when.n}`] : []
  const faults = [...(lies ? LIE : []), ...stop]
  return faults.length === 0
    ? []
    : ['strace', '-f', '-qq', '-o', log, '-e', 'trace=fsync,fdatasync,rename,link', ...faults]
}

/** Resolves when the time has come, to the process that stands still then, if one does. */
async function momentOf(when: Exclude<CutMoment, 'end'>, log: string, over: AbortSignal): Promise<number | undefined> {
  return typeof when === 'number' ? await setTimeout(when, undefined) : await whenStopped(log, over)
}

function templateIn(folder: string): string {
  return join(folder, 'template.img')
}

async function takeBackup(shop: SmallShop): Promise<string> {
  await using center = await shop.open()
  const { backup } = await center.backUp().result
  return backup.label.id
}
