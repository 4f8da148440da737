import { TillsafeError } from '../../../model/index.ts'
import type { LockFiles, OwnLock } from './lock-files.ts'
import { LOCK_TIMES } from './lock-times.ts'
import type { Pause } from './pause.ts'
import { removeLock } from './remove-lock.ts'
import { LockGone, renewLock } from './renew-lock.ts'

/**
 * A lock on a vault, held until it is disposed of: it is renewed in time, and it doubts itself when it was not. Its holder
 * stops when `signal` is aborted, and asks `requireHeld` before it does what can't be taken back.
 */
export class VaultLock implements AsyncDisposable {
  /** Aborted, with `vault.lock-lost` as its reason, when the lock can't be believed any more. */
  readonly signal: AbortSignal
  readonly #files: LockFiles
  readonly #exclusive: boolean
  readonly #pause: Pause
  readonly #losing = new AbortController()
  readonly #ending = new AbortController()
  readonly #lost: Promise<void>
  readonly #looking: Promise<void>
  #own: OwnLock
  /** Former files of this lock that could not be removed yet. */
  readonly #former: string[] = []
  #renewing: Promise<void> | undefined
  #triedTicks: number
  #doubtedTicks: number | undefined

  constructor(files: LockFiles, exclusive: boolean, own: OwnLock, pause: Pause) {
    this.#files = files
    this.#exclusive = exclusive
    this.#own = own
    this.#pause = pause
    this.#triedTicks = own.writtenTicks
    this.signal = this.#losing.signal
    this.#lost = new Promise((resolve) => this.signal.addEventListener('abort', () => resolve(), { once: true }))
    this.#looking = this.#lookAfter()
  }

  /** Makes certain that the lock is held now, also after a sleep of the machine. Error: `vault.lock-lost`. */
  async requireHeld(): Promise<void> {
    this.signal.throwIfAborted()
    while (this.#isDoubtful()) {
      await Promise.race([this.#renew(), this.#lost])
      this.signal.throwIfAborted()
    }
  }

  /** Gives the lock back. What can't be removed becomes stale by itself. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort()
    await this.#looking
    await this.#renewing
    for (const name of [...this.#former, this.#own.name]) {
      await removeLock(this.#files, name, this.#pause)
    }
  }

  async #lookAfter(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      await this.#pause(LOCK_TIMES.lookMs, { signal: this.#ending.signal, ref: false }).catch(() => undefined)
      if (!this.#ending.signal.aborted && !this.signal.aborted) {
        this.#look()
      }
    }
  }

  /** Waits for nothing: a disk that hangs must not keep a lock from being doubted. */
  #look(): void {
    const now = this.#files.clock.ticks()
    if (!this.#isDoubtful()) {
      this.#doubtedTicks = undefined
      const isDue =
        this.#files.ageMs(this.#own) >= LOCK_TIMES.refreshMs && now - this.#triedTicks >= LOCK_TIMES.refreshAgainMs
      if (isDue) {
        void this.#renew()
      }
      return
    }
    this.#doubtedTicks ??= now
    if (now - this.#doubtedTicks > LOCK_TIMES.doubtedMs) {
      this.#lose(undefined)
    } else {
      void this.#renew()
    }
  }

  /** One renewal at a time; it never throws. One that fails in doubt, or finds that the lock is gone, loses it. */
  #renew(): Promise<void> {
    this.#renewing ??= this.#tryToRenew().finally(() => {
      this.#renewing = undefined
    })
    return this.#renewing
  }

  async #tryToRenew(): Promise<void> {
    this.#triedTicks = this.#files.clock.ticks()
    const old = this.#own
    try {
      this.#own = await renewLock(this.#files, old, this.#exclusive, this.#pause)
      this.#former.push(old.name)
      await this.#removeFormer()
    } catch (error) {
      if (error instanceof LockGone || this.#isDoubtful()) {
        this.#lose(error)
      }
    }
  }

  async #removeFormer(): Promise<void> {
    for (const name of [...this.#former]) {
      if (await removeLock(this.#files, name, this.#pause)) {
        this.#former.splice(this.#former.indexOf(name), 1)
      }
    }
  }

  #isDoubtful(): boolean {
    return this.#files.ageMs(this.#own) >= LOCK_TIMES.doubtMs
  }

  #lose(cause: unknown): void {
    const why = cause instanceof LockGone ? 'somebody has removed it' : 'it could not be renewed in time'
    this.#losing.abort(new TillsafeError('vault.lock-lost', `the lock on the vault was lost: ${why}`, { cause }))
  }
}
