import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, ftruncateSync, openSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { DatabaseFingerprint } from '../../model/index.ts'
import { failureOf, TillsafeError } from '../../model/tillsafe-error.ts'
import { pageBytesOf } from '../../snapshot/pages/page-bytes.ts'
import { PageMapper } from '../../snapshot/pages/page-mapper.ts'
import { MARGIN_BYTES, requireSpace } from '../../work/free-space.ts'
import { encryptionOf } from './cipher-key.ts'
import { type CommittedState, committedState } from './committed-state.ts'
import { HeldWindow } from './held-window.ts'
import { COPY, type HeldRange, type HoldMessage, type HoldTask, type PinMessage, WINDOW } from './hold-task.ts'
import { PageCopier } from './page-copier.ts'
import { readPages } from './page-layout.ts'
import type { PinnedLayout } from './pin-wal.ts'
import type { SnapshotResult } from './snapshot-task.ts'
import { sqliteFailure } from './sqlite-failure.ts'
import { readWalIndex } from './wal-index.ts'

/** How soon it is noticed that somebody works in the database. */
const WATCH_MS = 100
/** Longer than this nobody is held up, seen or not: a till that wants the database for itself waits for us. */
const MOST_HELD_MS = 60_000
const PIECE_BYTES = 1024 * 1024
const YIELD_EVERY_PIECES = 16

// Beside this file, as source or as what was built from it.
const WORKER = fileURLToPath(new URL(`./pin-worker${import.meta.url.slice(-3)}`, import.meta.url))

/**
 * Holds the state of a live database in WAL mode while nobody works in it, and gives its bytes without a copy. With the first sale, or the first
 * checkpoint, all of it is copied, as fast as that goes: a till that empties its WAL has to wait for whoever still reads. Runs in a process of its own, which
 * is ended to let go at once; its thread `pin-worker.ts` has the connection, and looks into the database meanwhile. No descriptor
 * of the database is closed in this process while that connection lasts: that would drop its locks.
 */
export class DatabaseHolder {
  readonly #task: HoldTask
  readonly #tell: (message: HoldMessage) => Promise<void>
  readonly #die: () => void
  readonly #since = performance.now()
  #isReleasing = false
  #worker: Worker | undefined
  #layout: PinnedLayout | undefined
  #before: CommittedState | undefined
  #window: HeldWindow | undefined

  /** `die` ends the process, for what can't go on. */
  constructor(task: HoldTask, tell: (message: HoldMessage) => Promise<void>, die: () => void) {
    this.#task = task
    this.#tell = tell
    this.#die = die
  }

  /** Says `held` or `refused`, and later what the look into the database found. */
  async hold(): Promise<void> {
    this.#before = committedState(this.#task.database)
    const worker = new Worker(WORKER, { workerData: this.#task })
    this.#worker = worker
    const pinned = await firstMessage(worker)
    if (pinned?.kind !== 'pinned') {
      await this.#refuse()
      return
    }
    this.#layout = pinned.layout
    worker.on('message', (message: PinMessage) => this.#hear(message))
    worker.on('error', this.#die) // its descriptors are gone, and its locks with them
    worker.on('exit', () => this.#isReleasing || this.#die())
    await this.#readAll(pinned.layout, pinned.fingerprint)
  }

  /** Puts bytes of the held state into the window. */
  async read(id: number, range: HeldRange): Promise<void> {
    try {
      this.#window ??= new HeldWindow(join(this.#task.folder, WINDOW))
      this.#window.fill(this.#requireLayout(), range)
      await this.#tell({ kind: 'read', id })
    } catch (error) {
      await this.#tell({ kind: 'read-failed', id, failure: failureOf(await this.#explain(error)) })
    }
  }

  /** Lets go, and says what the database is then. */
  async release(): Promise<void> {
    const ended = this.#worker && once(this.#worker, 'exit')
    this.#isReleasing = true
    this.#layout = undefined
    this.#worker?.postMessage('release')
    await ended
    const state = committedState(this.#task.database)
    const isSame = state !== undefined && state.mark === this.#before?.mark
    await this.#tell({ kind: 'released', ...(isSame && { state }) })
  }

  /** A look that failed may have lost the pin: then nothing is read any more. */
  #hear(message: PinMessage): void {
    switch (message.kind) {
      case 'inspection-failed':
        this.#layout = undefined
        void this.#tell(message)
        break
      case 'inspected':
        void this.#tell(message)
        break
    }
  }

  async #refuse(): Promise<void> {
    this.#layout = undefined
    await this.#tell({ kind: 'refused' })
  }

  /** Counts the hashes in one pass. Who works in it already now is not held up: then a copy is made of what is newer. */
  async #readAll(layout: PinnedLayout, fingerprint: DatabaseFingerprint): Promise<void> {
    const hash = createHash('sha256')
    const bytes = layout.pages * layout.pageSize
    const mapper = new PageMapper(pageBytesOf(layout.pageSize), bytes)
    const buffer = Buffer.allocUnsafe(Math.max(PIECE_BYTES, layout.pageSize))
    const isSame = fingerprint.pages === layout.pages && fingerprint.pageSize === layout.pageSize
    for (let start = 0, pieces = 1; isSame && start < bytes; start += buffer.byteLength, pieces += 1) {
      const piece = buffer.subarray(0, Math.min(buffer.byteLength, bytes - start))
      readPages(layout, start / layout.pageSize + 1, piece)
      hash.update(piece)
      mapper.add(piece)
      if (pieces % YIELD_EVERY_PIECES === 0) {
        await this.#tell({ kind: 'progress', bytes: start + piece.byteLength, totalBytes: bytes })
        await setImmediate()
        if (!this.#isHeld(layout)) {
          break
        }
      }
    }
    await setImmediate() // what the look has found until now is heard
    if (!isSame || !this.#isHeld(layout)) {
      await this.#refuse()
      return
    }
    const result: SnapshotResult = {
      bytes,
      sha256: hash.digest('hex'),
      fingerprint,
      encryption: encryptionOf(undefined),
      way: 'held',
      pinnedMs: performance.now() - this.#since,
    }
    await this.#tell({ kind: 'held', result, map: mapper.finish().encode() })
    this.#watch()
  }

  #isHeld(layout: PinnedLayout): boolean {
    return this.#layout !== undefined && !hasMoved(layout)
  }

  #watch(): void {
    const timer = setInterval(() => {
      const layout = this.#layout
      if (layout === undefined) {
        clearInterval(timer)
      } else if (performance.now() - this.#since > MOST_HELD_MS || hasMoved(layout)) {
        clearInterval(timer)
        void this.#copy(layout)
      }
    }, WATCH_MS)
    timer.unref()
  }

  /** Where there is no room for it, the state is held on, as long as the limits of a pin allow. */
  async #copy(layout: PinnedLayout): Promise<void> {
    this.#limit()
    try {
      await requireSpace(this.#task.folder, layout.pages * layout.pageSize + MARGIN_BYTES, 'the copy of the database')
      if (await copyAll(layout, join(this.#task.folder, COPY), () => this.#layout !== undefined)) {
        await this.#tell({ kind: 'copied' })
      }
    } catch {
      // who reads goes on with what is held
    }
  }

  #limit(): void {
    const { milliseconds, walGrowthBytes } = this.#task.limits
    const wal = `${this.#task.database}-wal`
    const bytesOf = (): number => statSync(wal, { throwIfNoEntry: false })?.size ?? 0
    const [since, before] = [performance.now(), bytesOf()]
    const timer = setInterval(() => {
      if (performance.now() - since > milliseconds || bytesOf() - before > walGrowthBytes) {
        clearInterval(timer)
        this.#die()
      }
    }, WATCH_MS)
    timer.unref()
  }

  #requireLayout(): PinnedLayout {
    if (this.#layout === undefined) {
      throw new TillsafeError('source.busy', `the state of ${this.#task.database} is not held any more`)
    }
    return this.#layout
  }

  #explain(error: unknown): Promise<unknown> {
    return sqliteFailure(error, { database: this.#task.database, ours: this.#task.folder, onlyOurs: false })
  }
}

/** Undefined when the thread ended without one, whatever the reason: who copies will meet it too. */
async function firstMessage(worker: Worker): Promise<PinMessage | undefined> {
  const ended = new AbortController()
  worker.once('error', () => ended.abort())
  worker.once('exit', () => ended.abort())
  try {
    const [message] = await once(worker, 'message', { signal: ended.signal })
    return message as PinMessage
  } catch {
    return undefined
  }
}

/** Whether somebody has sold, or a checkpoint has come as far as what is held: one that empties the WAL waits there. */
function hasMoved({ index, indexState, backfilled }: PinnedLayout): boolean {
  const now = readWalIndex(index)
  return now?.state.equals(indexState) !== true || now.backfilled !== backfilled
}

/** Whether all of it was copied, while it was held. */
async function copyAll(layout: PinnedLayout, path: string, isHeld: () => boolean): Promise<boolean> {
  const target = openSync(path, 'wx', 0o600)
  try {
    const copier = new PageCopier(layout, target, 1)
    for (let pieces = 1; !copier.isDone && isHeld(); pieces += 1) {
      copier.read()
      copier.write()
      if (pieces % YIELD_EVERY_PIECES === 0) {
        await setImmediate() // who waits for bytes gets them
      }
    }
    return copier.isDone
  } catch (error) {
    ftruncateSync(target) // it takes no more room
    throw error
  } finally {
    closeSync(target)
  }
}
