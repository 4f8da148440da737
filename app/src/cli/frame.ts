import { resolve } from 'node:path'
import { BackupCenter, type Job, type JobContext, Shop, systemClock } from '@tillsafe/engine'
import { TillsafeError } from '@tillsafe/engine/model'
import type { Settings } from '../settings.ts'
import { BarOfProgress, LinesOfProgress, noProgress, type ProgressView } from './progress.ts'
import { Voice } from './voice.ts'
import { Wording } from './wording.ts'

/** The options that every command takes. */
export interface CommonOptions {
  readonly home?: string
  readonly workspace?: string
  readonly json?: boolean
  readonly quiet?: boolean
}

/** What a command works with: where the shop is, how to open it, how to follow a job, how to speak. */
export class Frame {
  readonly settings: Settings
  readonly home: string
  readonly workspace: string | undefined
  readonly voice: Voice
  /** Whether a person sits there who can be asked, and no program reads the answer. */
  readonly canAsk: boolean
  /** Whether a program reads the answer. */
  readonly speaksJson: boolean
  readonly #quiet: boolean
  #cancel: (() => void) | undefined

  constructor(settings: Settings, options: CommonOptions) {
    const { home = settings.home, workspace, json = false, quiet = false } = options
    this.settings = settings
    this.home = resolve(home)
    this.workspace = workspace
    this.voice = new Voice(settings, { json, quiet })
    this.speaksJson = json
    this.canAsk = settings.hasPerson && !json
    this.#quiet = quiet
  }

  openShop(): Promise<Shop> {
    return Shop.open(this.home)
  }

  /** Opens the center of the shop for as long as `work` takes. One process at a time has it. */
  async withCenter<R>(work: (center: BackupCenter) => Promise<R>): Promise<R> {
    await using center = await BackupCenter.open(this.home, { version: this.settings.version })
    for (const sentence of center.recovered) {
      this.voice.tell(sentence)
    }
    return await work(center)
  }

  /** Shows the progress of a job until it ends; an interruption cancels it. */
  async follow<R>(job: Job<R>): Promise<R> {
    const view = this.#view()
    const unwatch = job.watch((status) => {
      if (status.state === 'running') {
        view.show(status.progress)
      }
    })
    try {
      return await this.#cancellable(() => job.cancel(), job.result)
    } finally {
      unwatch()
      view.end()
    }
  }

  /** The same for work that is no job of the center. */
  async watch<R>(work: (job: JobContext) => Promise<R>): Promise<R> {
    const view = this.#view()
    const cancelled = new AbortController()
    const context = { clock: systemClock, signal: cancelled.signal, report: view.show.bind(view) }
    try {
      return await this.#cancellable(() => cancelled.abort(), work(context))
    } catch (error) {
      throw cancelled.signal.aborted
        ? new TillsafeError('job.cancelled', 'the work was cancelled', { cause: error })
        : error
    } finally {
      view.end()
    }
  }

  /** Cancels what runs. False when nothing runs that could be cancelled. */
  interrupt(): boolean {
    this.#cancel?.()
    return this.#cancel !== undefined
  }

  wording(shop: Shop): Wording {
    return new Wording(shop.settings.shop.timeZone, systemClock.now())
  }

  async #cancellable<R>(cancel: () => void, work: Promise<R>): Promise<R> {
    this.#cancel = cancel
    try {
      return await work
    } finally {
      this.#cancel = undefined
    }
  }

  #view(): ProgressView {
    const { errorOutput } = this.settings
    if (this.#quiet) {
      return noProgress
    }
    return errorOutput.isTTY
      ? new BarOfProgress(errorOutput, systemClock)
      : new LinesOfProgress((text) => errorOutput.write(text))
  }
}
