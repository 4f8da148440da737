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

/** How soon a sale is noticed. */
const WATCH_MS = 100
const PIECE_BYTES = 1024 * 1024
const YIELD_EVERY_PIECES = 16

// Beside this file, as source or as what was built from it.
const WORKER = fileURLToPath(new URL(`./pin-worker${import.meta.url.slice(-3)}`, import.meta.url))

/**
 * Holds the state of a live database in WAL mode while nobody sells, and gives its bytes without a copy. With the first sale all of it is copied,
 * as fast as that goes: a till that empties its WAL would have to wait for whoever still reads. Runs in a process of its own, which
 * is ended to let go at once; its thread `pin-worker.ts` has the connection, and looks into the database meanwhile. No descriptor
 * of the database is closed in this process while that connection lasts: that would drop its locks.
 */
export class DatabaseHolder {
  readonly #task: HoldTask
  readonly #tell: (message: HoldMessage) => Promise<void>
  readonly #since = performance.now()
  #worker: Worker | undefined
  #layout: PinnedLayout | undefined
  #before: CommittedState | undefined
  #window: HeldWindow | undefined

  constructor(task: HoldTask, tell: (message: HoldMessage) => Promise<void>) {
    this.#task = task
    this.#tell = tell
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
    worker.on('message', (message: PinMessage) => {
      if (message.kind === 'inspected' || message.kind === 'inspection-failed') {
        void this.#tell(message)
      }
    })
    this.#layout = pinned.layout
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
    this.#layout = undefined
    this.#worker?.postMessage('release')
    await ended
    const state = committedState(this.#task.database)
    const isSame = state !== undefined && state.mark === this.#before?.mark
    await this.#tell({ kind: 'released', ...(isSame && { state }) })
  }

  async #refuse(): Promise<void> {
    this.#layout = undefined
    await this.#tell({ kind: 'refused' })
  }

  /** Counts the hashes in one pass. Who sells already now is not held up: then a copy is made of what is newer. */
  async #readAll(layout: PinnedLayout, fingerprint: DatabaseFingerprint): Promise<void> {
    const hash = createHash('sha256')
    const bytes = layout.pages * layout.pageSize
    const mapper = new PageMapper(pageBytesOf(layout.pageSize), bytes)
    const buffer = Buffer.allocUnsafe(Math.max(PIECE_BYTES, layout.pageSize))
    for (let start = 0, pieces = 1; start < bytes; start += buffer.byteLength, pieces += 1) {
      const piece = buffer.subarray(0, Math.min(buffer.byteLength, bytes - start))
      readPages(layout, start / layout.pageSize + 1, piece)
      hash.update(piece)
      mapper.add(piece)
      if (pieces % YIELD_EVERY_PIECES === 0) {
        if (this.#hasSold(layout)) {
          await this.#refuse()
          return
        }
        await this.#tell({ kind: 'progress', bytes: start + piece.byteLength, totalBytes: bytes })
        await setImmediate()
      }
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

  #watch(): void {
    const timer = setInterval(() => {
      const layout = this.#layout
      if (layout === undefined || this.#hasSold(layout)) {
        clearInterval(timer)
        void (layout && this.#copy(layout))
      }
    }, WATCH_MS)
    timer.unref()
  }

  #hasSold({ index, indexState }: PinnedLayout): boolean {
    return readWalIndex(index)?.state.equals(indexState) !== true
  }

  /** Where there is no room for it, the state is held on, as long as the limits of a pin allow. */
  async #copy(layout: PinnedLayout): Promise<void> {
    try {
      await copyAll(layout, join(this.#task.folder, COPY), () => this.#layout !== undefined)
      await this.#tell({ kind: 'copied' })
    } catch {
      this.#limit(statSync(`${this.#task.database}-wal`).size)
    }
  }

  #limit(walBytes: number): void {
    const { milliseconds, walGrowthBytes } = this.#task.limits
    const timer = setInterval(() => {
      const grown = statSync(`${this.#task.database}-wal`).size - walBytes
      if (performance.now() - this.#since > milliseconds || grown > walGrowthBytes) {
        clearInterval(timer)
        this.#layout = undefined
      }
    }, WATCH_MS)
    timer.unref()
  }

  #requireLayout(): PinnedLayout {
    if (this.#layout === undefined) {
      throw new TillsafeError(
        'source.busy',
        `the snapshot of ${this.#task.database} took too long while the till was writing`,
      )
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

async function copyAll(layout: PinnedLayout, path: string, isHeld: () => boolean): Promise<void> {
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
  } catch (error) {
    ftruncateSync(target) // it takes no more room
    throw error
  } finally {
    closeSync(target)
  }
}
