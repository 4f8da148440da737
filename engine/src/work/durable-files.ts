import { dirname } from 'node:path'
import { type Disk, hasErrorCode } from './disk.ts'

/**
 * Written bytes are pushed to the disk in steps of this size: a large backlog of unwritten bytes would make the
 * till's own commits wait behind ours.
 */
const SYNC_EVERY_BYTES = 2 * 1024 * 1024

/**
 * Writes a new file and syncs it. Fails with EEXIST when the name is taken. A file that could not be completed is
 * removed: after a failed sync its bytes are unknown, so it is never tried again.
 */
export async function writeNewFile(disk: Disk, path: string, bytes: AsyncIterable<Uint8Array>): Promise<number> {
  const file = await disk.open(path, 'wx', 0o600)
  try {
    let written = 0
    let synced = 0
    for await (const chunk of bytes) {
      await writeWhole(file, chunk)
      written += chunk.byteLength
      if (written - synced >= SYNC_EVERY_BYTES) {
        await file.datasync()
        synced = written
      }
    }
    await file.sync()
    await file.close()
    return written
  } catch (error) {
    await file.close().catch(() => undefined)
    await disk.unlink(path).catch(() => undefined)
    throw error
  }
}

/** Replaces a small file of ours in one step: after a cut either the old text or the new one stands there. */
export async function replaceFile(disk: Disk, path: string, text: string | Uint8Array): Promise<void> {
  const draft = `${path}.draft`
  await disk.unlink(draft).catch((error: unknown) => ignore(error, 'ENOENT'))
  await writeNewFile(disk, draft, once(Buffer.from(text)))
  try {
    await disk.rename(draft, path)
  } catch (error) {
    await disk.unlink(draft).catch(() => undefined) // it may hold secrets
    throw error
  }
  await disk.syncFolder(dirname(path))
}

/**
 * Gives a finished draft its name, and fails with EEXIST when the name is taken. Where links don't exist (exFAT,
 * some network shares) `reservation` is made first, and two writers that agree on it never replace each other; one
 * that a cut has left behind keeps the name taken until it is removed.
 */
export async function nameDraft(
  disk: Disk,
  draft: string,
  path: string,
  reservation: string = `${path}.reserved`,
): Promise<void> {
  if (await linked(disk, draft, path)) {
    await disk.unlink(draft)
  } else {
    await renameIfFree(disk, draft, path, reservation)
  }
  await disk.syncFolder(dirname(path))
}

/** False where links don't exist. */
async function linked(disk: Disk, draft: string, path: string): Promise<boolean> {
  try {
    await disk.link(draft, path) // unlike rename, fails when the name is taken
    return true
  } catch (error) {
    ignore(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK')
    return false
  }
}

/** The name is not reserved with an empty file of its own: a cut would leave that file in the place of the whole. */
async function renameIfFree(disk: Disk, draft: string, path: string, reservation: string): Promise<void> {
  const file = await disk.open(reservation, 'wx', 0o600)
  try {
    await file.close()
    await requireFree(disk, path)
    await disk.rename(draft, path)
  } finally {
    await disk.unlink(reservation)
  }
}

async function requireFree(disk: Disk, path: string): Promise<void> {
  const status = await disk.stat(path).catch((error: unknown) => ignore(error, 'ENOENT'))
  if (status !== undefined) {
    throw Object.assign(new Error(`EEXIST: file already exists, ${path}`), { code: 'EEXIST' })
  }
}

/** Makes a folder and those above it, so that their names last. */
export async function makeFolder(disk: Disk, path: string): Promise<void> {
  try {
    await disk.mkdir(path)
  } catch (error) {
    if (hasErrorCode(error, 'EEXIST')) {
      return
    }
    if (!hasErrorCode(error, 'ENOENT') || dirname(path) === path) {
      throw error
    }
    await makeFolder(disk, dirname(path))
    await disk.mkdir(path).catch((second: unknown) => ignore(second, 'EEXIST'))
  }
  await disk.syncFolder(dirname(path))
}

/** Bytes as a stream of one chunk. */
export async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes
}

async function writeWhole(file: Awaited<ReturnType<Disk['open']>>, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.byteLength; ) {
    const { bytesWritten } = await file.write(chunk, done, chunk.byteLength - done)
    done += bytesWritten
  }
}

function ignore(error: unknown, ...codes: readonly string[]): void {
  if (!hasErrorCode(error, ...codes)) {
    throw error
  }
}
