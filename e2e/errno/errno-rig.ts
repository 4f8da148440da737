import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DriverJob } from '../kill/driver-job.ts'
import { CALLS } from '../kill/kill-point.ts'
import { type DriverEnd, startDriver } from '../kill/start-driver.ts'
import { ShopRig } from '../shop-rig.ts'
import { checkFailure } from './check-failure.ts'
import { type DiskError, FaultControl, type FaultMode } from './fault-control.ts'

/** A call that changes something below the shop's folder: the n-th of a run, over all its processes. */
export interface ErrnoPoint {
  readonly n: number
  readonly call: string
  readonly on: string
}

/** A run in which a call fails. */
export interface ErrnoRun {
  readonly job: DriverJob
  readonly start: string
  readonly error: DiskError
  readonly mode: FaultMode
}

export interface ErrnoAttempt extends ErrnoRun, DriverEnd {
  readonly point: ErrnoPoint
  /** The call that failed first in this run, which may be another than was recorded; empty when none did. */
  readonly hit: string
  readonly problems: readonly string[]
}

/** Jobs on a small shop whose calls to the disk fail. */
export class ErrnoRig implements Disposable {
  readonly rig: ShopRig
  readonly #library: string

  private constructor(rig: ShopRig) {
    this.rig = rig
    this.#library = join(rig.folder, 'faulty-calls.so')
    const source = join(import.meta.dirname, 'faulty-calls.c')
    execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-o', this.#library, source, '-ldl'])
  }

  static async make(): Promise<ErrnoRig> {
    return new ErrnoRig(await ShopRig.make())
  }

  /** Every point of a run that can meet this error, in a run that nobody disturbs. */
  async findPoints(run: Omit<ErrnoRun, 'mode'>): Promise<ErrnoPoint[]> {
    const log = join(this.rig.folder, 'calls.log')
    writeFileSync(log, '')
    const { outcome, said } = await this.#drive({ ...run, mode: 'once' }, { at: 0, log })
    if (outcome !== 'done') {
      throw new Error(`the undisturbed ${run.job} ${outcome}: ${said}`)
    }
    return pointsIn(readFileSync(log, 'utf8'))
  }

  /** Lets a call fail, then checks what the job said and, once the disk works again, the shop. */
  async attempt(run: ErrnoRun, point: ErrnoPoint): Promise<ErrnoAttempt> {
    const end = await this.#drive(run, { at: point.n })
    const { first } = this.#control.report()
    const problems = [...checkFailure(end, run.error, first), ...(await this.rig.check(run.job))]
    return { ...run, ...end, point, hit: first, problems }
  }

  /**
   * How many changing calls a run makes below the folder, as this library counts them and as the kernel sees them: when
   * they differ, something goes past it. Files that are opened are told by what is done with them.
   */
  async countBothWays(job: DriverJob, start: string): Promise<{ counted: number; seen: number }> {
    const [log, trace] = [join(this.rig.folder, 'calls.log'), join(this.rig.folder, 'calls.strace')]
    writeFileSync(log, '')
    const calls = `${CALLS},mkdirat,utimensat,copy_file_range,pwritev2,fallocate,symlink,fchmod,fchown,sendfile`
    const watch = ['strace', '-f', '-qq', '-y', '-s', '0', '-o', trace, '-e', `trace=${calls}`]
    await this.#drive({ job, start, error: 'EIO', mode: 'once' }, { at: 0, log, watch })
    const seen = readFileSync(trace, 'utf8')
      .split('\n')
      .filter((line) => changes(line, `${this.rig.shop.folder}/`))
    const counted = pointsIn(readFileSync(log, 'utf8')).filter(({ call }) => !call.startsWith('open'))
    return { counted: counted.length, seen: seen.length }
  }

  [Symbol.dispose](): void {
    this.rig[Symbol.dispose]()
  }

  get #control(): FaultControl {
    return new FaultControl(join(this.rig.folder, 'faults'))
  }

  async #drive({ job, start, error, mode }: ErrnoRun, { at, log, watch = [] }: Drive): Promise<DriverEnd> {
    this.rig.reset(start)
    this.#control.prepare(error, at, mode)
    if (watch.length > 0) {
      this.#control.arm()
    }
    const env = {
      LD_PRELOAD: this.#library,
      TILLSAFE_FAULTS: this.#control.file,
      TILLSAFE_FAULTS_BELOW: `${this.rig.shop.folder}/`,
      ...(log === undefined ? {} : { TILLSAFE_FAULTS_LOG: log }),
    }
    const driver = await startDriver({ job, folder: this.rig.shop.folder, env, under: watch })
    this.#control.arm()
    driver.begin()
    return driver.end
  }
}

interface Drive {
  /** The number of the call that fails; none at 0. */
  readonly at: number
  /** Where each counted call is noted. */
  readonly log?: string
  /** A program that watches the run, from its start: then calls count from there, too. */
  readonly watch?: readonly string[]
}

/** Whether a line of strace is a call that asks for a change below the folder. */
function changes(line: string, folder: string): boolean {
  const isVain = / = -1 EEXIST/.test(line) || (/ = -1 ENOENT/.test(line) && !line.includes('mkdir('))
  return line.includes(folder) && !isVain && !line.includes('resumed>')
}

function pointsIn(log: string): ErrnoPoint[] {
  const lines = log.split('\n').filter(Boolean)
  return lines.map((line) => {
    const [n = '', call = '', ...on] = line.split(' ')
    return { n: Number(n), call, on: on.join(' ') }
  })
}
