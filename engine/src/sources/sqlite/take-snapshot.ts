import { closeSync, openSync, statSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { TillsafeError } from '../../model/tillsafe-error.ts'
import type { ChildProgress } from '../../work/confined-child.ts'
import type { Sqlite } from '../../work/sqlite.ts'
import { encryptionOf } from './cipher-key.ts'
import { committedState } from './committed-state.ts'
import { copyByEngine } from './copy-by-engine.ts'
import { copyByVacuum } from './copy-by-vacuum.ts'
import { copyInSteps } from './copy-in-steps.ts'
import { readDatabaseHeader } from './database-header.ts'
import { findCipherIn } from './find-cipher.ts'
import { hashCopy } from './hash-copy.ts'
import { liveCipherIn } from './live-cipher.ts'
import type { PageCipher } from './page-cipher.ts'
import { PageCopier } from './page-copier.ts'
import { pinWal } from './pin-wal.ts'
import { readFingerprint } from './read-fingerprint.ts'
import type { CopiedPages, SnapshotResult, SnapshotTask } from './snapshot-task.ts'

const YIELD_EVERY_BYTES = 32 * 1024 * 1024

/**
 * Runs in a process of its own: closing any descriptor of a database drops all locks that the same process holds
 * on it, so the process of a till that embeds the engine must never open the file itself.
 */
export async function takeSnapshot(task: SnapshotTask, progress: ChildProgress): Promise<SnapshotResult> {
  const before = task.isStrange ? undefined : committedState(task.database)
  const copied = await copyDatabase(task, progress)
  const after = before && committedState(task.database)
  // Only now: hashing takes longer than copying, and the till is free again.
  const hashed = await hashCopy(task.target, copied.fingerprint.pageSize, task.pageMap)
  return { ...copied, ...hashed, ...(after !== undefined && after.mark === before?.mark && { state: after }) }
}

async function copyDatabase(
  task: SnapshotTask,
  progress: ChildProgress,
): Promise<CopiedPages & Pick<SnapshotResult, 'encryption'>> {
  const descriptor = openSync(task.database, 'r')
  try {
    const cipher = cipherFor(task, descriptor)
    const header = readDatabaseHeader(descriptor, cipher)
    if (header === undefined) {
      throw new TillsafeError('source.not-a-database', `${task.database} is not a SQLite database`)
    }
    const way = header.walMode ? copyFromWal : copyInSteps
    return { ...(await way(task, descriptor, cipher, progress)), encryption: encryptionOf(cipher) }
  } finally {
    closeSync(descriptor)
  }
}

/** What a stranger brings may be encrypted or not. */
function cipherFor({ database, keys, isStrange }: SnapshotTask, descriptor: number): PageCipher | undefined {
  return isStrange ? findCipherIn(descriptor, keys ?? [], database)?.cipher : liveCipherIn(descriptor, database, keys)
}

async function copyFromWal(
  task: SnapshotTask,
  database: number,
  cipher: PageCipher | undefined,
  progress: ChildProgress,
): Promise<CopiedPages> {
  const pinned = performance.now()
  using pin = pinWal(task.database, database, cipher)
  if (pin.layout === undefined) {
    return cipher === undefined
      ? await copyByEngine(pin.connection, task, progress) // as long as the pin holds
      : copyByVacuum(pin.connection, task, cipher)
  }
  const target = openSync(task.target, 'wx', 0o600)
  try {
    const copier = new PageCopier(pin.layout, target, 1)
    const watch = watchPin(task, pin.connection, pinned)
    let yielded = 0
    while (!copier.isDone) {
      copier.read()
      copier.write()
      if (copier.bytes - yielded >= YIELD_EVERY_BYTES) {
        yielded = copier.bytes
        watch()
        await progress(copier.bytes, copier.totalBytes)
        await setImmediate()
      }
    }
    const fingerprint = readFingerprint(pin.connection)
    return { fingerprint, way: 'wal', pinnedMs: performance.now() - pinned }
  } finally {
    closeSync(target)
  }
}

/** A check that throws `source.busy` once the limits of a pin are passed. */
function watchPin(task: SnapshotTask, connection: Sqlite, since: number): () => void {
  const wal = `${connection.name}-wal`
  const before = statSync(wal).size
  return () => {
    if (
      performance.now() - since > task.limits.milliseconds ||
      statSync(wal).size - before > task.limits.walGrowthBytes
    ) {
      throw new TillsafeError(
        'source.busy',
        `the snapshot of ${task.database} took too long while the till was writing`,
      )
    }
  }
}
