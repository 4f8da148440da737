import { type ChildProcess, fork } from 'node:child_process'
import { constants, setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import { type Failure, TillsafeError } from '../../model/index.ts'
import { throwIfCancelled } from '../../work/cancel.ts'
import type { SqliteMessage, SqliteTasks } from './sqlite-tasks.ts'

// Beside this file, as source or as what was built from it.
const CHILD = fileURLToPath(new URL(`./sqlite-child${import.meta.url.slice(-3)}`, import.meta.url))

/** How a task is followed: cancelled by the signal, with progress in bytes. */
export interface Following {
  readonly signal: AbortSignal
  readonly onProgress?: (bytes: number, totalBytes: number) => void
}

/**
 * Runs a task in a process of its own, and waits for that process to end. Nothing of the environment is handed down.
 * Throws what the task threw; `job.cancelled` when the signal ended it.
 */
export async function runSqliteTask<K extends keyof SqliteTasks>(
  task: SqliteTasks[K]['task'] & { kind: K },
  { signal, onProgress }: Following,
): Promise<SqliteTasks[K]['result']> {
  throwIfCancelled(signal)
  const child = fork(CHILD, {
    execArgv: [],
    env: { ELECTRON_RUN_AS_NODE: '1' }, // in an Electron till, the executable is the till
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  yieldToTill(child)
  const stop = () => child.kill('SIGKILL')
  signal.addEventListener('abort', stop)
  try {
    child.send(task)
    const message = await lastMessage(child, onProgress)
    throwIfCancelled(signal)
    return resultOf(message) as SqliteTasks[K]['result']
  } finally {
    signal.removeEventListener('abort', stop)
    stop()
  }
}

/** The till goes first: our checks may take longer, its sales may not. */
function yieldToTill(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) {
      setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL)
    }
  } catch {
    // The child has ended already, or the platform won't.
  }
}

/** What the child said last, once it has ended. */
function lastMessage(child: ChildProcess, onProgress: Following['onProgress']): Promise<SqliteMessage | undefined> {
  return new Promise((resolve, reject) => {
    let last: SqliteMessage | undefined
    child.on('message', (message: SqliteMessage) => {
      last = message
      if (message.kind === 'progress') {
        onProgress?.(message.bytes, message.totalBytes)
      }
    })
    child.on('error', reject)
    child.on('exit', () => resolve(last))
  })
}

function resultOf(message: SqliteMessage | undefined): unknown {
  switch (message?.kind) {
    case 'done':
      return message.result
    case 'failed':
      throw errorOf(message.failure)
    default:
      throw new Error('the process that works on the database ended without an answer')
  }
}

function errorOf(failure: Failure): Error {
  return failure.code === 'internal'
    ? new Error(failure.message)
    : new TillsafeError(failure.code, failure.message, { hint: failure.hint })
}
