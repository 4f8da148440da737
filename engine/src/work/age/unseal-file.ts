import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runInChild } from '../confined-process.ts'
import type { JobContext } from '../job-context.ts'
import type { UnsealTask } from './unseal-child.ts'

// Beside this file, as source or as what was built from it.
const CHILD = fileURLToPath(new URL(`./unseal-child${import.meta.url.slice(-3)}`, import.meta.url))

const LEAST_MS = 10_000
const BYTES_A_SECOND = 8 * 1024 * 1024
/** The passphrase of stock `age` takes 256 MiB to try: scrypt with N = 2^18. */
const MEMORY_BYTES = 512 * 1024 * 1024

/**
 * Opens a sealed file into a new plain one, in a process behind walls. Errors: `key.wrong`, `archive.damaged`,
 * `file.over-limit`. What stands in the plain file after an error is of no use.
 */
export async function unsealFile(task: UnsealTask, job: JobContext): Promise<void> {
  const { size } = await stat(task.file)
  await runInChild(CHILD, task, job, {
    read: [task.file],
    write: [dirname(task.plain)],
    milliseconds: LEAST_MS + (size / BYTES_A_SECOND) * 1000,
    memoryBytes: MEMORY_BYTES,
  })
}
