import { constants, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { adoptShop, BackupCenter, Shop, systemClock } from '@tillsafe/engine'
import { type Failure, failureOf } from '@tillsafe/engine/model'
import { checkShop, type States } from '../kill/check-shop.ts'
import { ledgerOf } from '../kill/driver-job.ts'
import { startDriver } from '../kill/start-driver.ts'
import { whenStopped } from '../kill/when-stopped.ts'
import { type FileSystem, MountedDisk } from '../mounted-disk.ts'
import { contentOf } from '../shop-content.ts'
import { SmallShop } from '../small-shop.ts'

/** A till that has `traded` since its backup, kept twice as copies; or kept in one `vault`. */
export type PowerStart = 'traded' | 'vault'

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
  /** What was done beyond opening the shop. */
  readonly note?: string
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
  readonly #recoveryKey: string

  private constructor(
    folder: string,
    shop: SmallShop,
    { firstBackup, states, recoveryKey }: { firstBackup: string; states: States; recoveryKey: string },
  ) {
    this.#folder = folder
    this.#shop = shop
    this.#firstBackup = firstBackup
    this.#states = states
    this.#recoveryKey = recoveryKey
  }

  static async make(fileSystem: FileSystem, start: PowerStart = 'traded'): Promise<PowerRig> {
    const folder = mkdtempSync(join(tmpdir(), 'tillsafe-power-'))
    const shop = new SmallShop(join(folder, 'shop'))
    mkdirSync(shop.folder)
    using _disk = MountedDisk.inImage(shop.folder, templateIn(folder), DISK_BYTES, fileSystem)
    await shop.create()
    if (start === 'vault') {
      await shop.keepVaultAlone()
    }
    const restored = shop.content()
    const firstBackup = await takeBackup(shop)
    shop.trade()
    const { recoveryKey } = (await Shop.open(shop.home)).secrets
    return new PowerRig(folder, shop, { firstBackup, states: { before: shop.content(), restored }, recoveryKey })
  }

  /** Cuts the power, then checks that all holds. */
  cut(cut: PowerCut): Promise<PowerCutResult> {
    return this.#cut(cut, async () => ({ problems: await checkShop(this.#shop, cut.job, this.#states) }))
  }

  /** Cuts the power of a disk that lies: the backup that was taken before, on an honest disk, must still restore. */
  cutLying(cut: PowerCut): Promise<PowerCutResult> {
    return this.#cut({ ...cut, lies: true }, () => this.#checkFirstBackup())
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #cut({ job, when, lies = false }: PowerCut, check: () => Promise<Checked>): Promise<PowerCutResult> {
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
    return { acknowledged: typeof ended === 'object' && ended.outcome === 'done', ...(await check()) }
  }

  /**
   * A disk that lies may lose whatever was written since, the home with it: then a new home is made from a destination
   * and the recovery key. What an honest disk had comes back.
   */
  async #checkFirstBackup(): Promise<Checked> {
    const failure = await this.#bringBack(this.#shop.home)
    if (failure === undefined) {
      return { problems: [] }
    }
    if (failure.code === 'internal') {
      return { problems: [`the home fails in a way that we do not understand: ${failure.message}`] }
    }
    const said: string[] = []
    for (const destination of this.#shop.destinations) {
      const again = await this.#bringBackFrom(destination)
      if (again === undefined) {
        return { problems: [], note: `by a new home, since ${failure.message}` }
      }
      said.push(`from ${destination}: ${again.message}`)
    }
    return { problems: [`the honest backup can't be brought back: ${failure.message}; ${said.join('; ')}`] }
  }

  async #bringBackFrom(destination: string): Promise<Failure | undefined> {
    const home = join(this.#folder, 'new-home')
    rmSync(home, { recursive: true, force: true })
    try {
      await adoptShop(home, { destination, recoveryKey: this.#recoveryKey }, systemClock)
    } catch (error) {
      return failureOf(error)
    }
    return this.#bringBack(home)
  }

  /** Into a new folder. Why it does not come back as it was; undefined when it does. */
  async #bringBack(home: string): Promise<Failure | undefined> {
    const into = join(this.#folder, 'brought-back')
    rmSync(into, { recursive: true, force: true })
    try {
      await using center = await BackupCenter.open(home, { version: '0.0.0-e2e' })
      const { database, images } = await center.restoreInto({ id: this.#firstBackup }, into).result
      const content = contentOf(database, images ?? '')
      const { restored } = this.#states
      const isSame = content.database === restored.database && content.images === restored.images
      return isSame ? undefined : failureOf(new Error('it has changed'))
    } catch (error) {
      return failureOf(error)
    }
  }
}

/** What a check found. */
type Checked = Pick<PowerCutResult, 'problems' | 'note'>

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
