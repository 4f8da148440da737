import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import type { Instant } from '../../model/index.ts'
import type { Disk } from '../../work/disk.ts'
import { makeFolder, replaceFile } from '../../work/durable-files.ts'
import { sha256OfBytes } from '../../work/sha256.ts'
import type { InspectResult } from './inspect.ts'
import type { SnapshotResult } from './snapshot-task.ts'

/** What was found when a database was last read, all of it. */
export interface LastRead {
  /** What asked: another question has another answer. */
  readonly asked: string
  readonly readAt: Instant
  /** See `CommittedState`: while it is the same, so is the database. */
  readonly mark: string
  readonly copy: SnapshotResult
  readonly inspected: InspectResult
}

const HASH_CHARACTERS = 64

/** What the last reading found, for this question; undefined when that is lost, damaged, or was asked otherwise. */
export async function readLastRead(file: string, asked: string): Promise<LastRead | undefined> {
  try {
    const bytes = await readFile(file)
    const body = bytes.subarray(HASH_CHARACTERS)
    if (bytes.toString('latin1', 0, HASH_CHARACTERS) !== sha256OfBytes(body)) {
      return undefined
    }
    const last = deserialize(body) as LastRead
    return last.asked === asked ? last : undefined
  } catch {
    return undefined
  }
}

/** Keeps it for the next time. That it can't be kept fails nothing. */
export async function keepLastRead(disk: Disk, file: string, last: LastRead): Promise<void> {
  const body = serialize(last)
  try {
    await makeFolder(disk, dirname(file))
    await replaceFile(disk, file, Buffer.concat([Buffer.from(sha256OfBytes(body), 'latin1'), body]))
  } catch {
    // next time the database is read
  }
}
