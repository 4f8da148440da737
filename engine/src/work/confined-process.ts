import { type ChildProcess, fork } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Failure, TillsafeError } from '../model/index.ts'
import { throwIfCancelled } from './cancel.ts'
import type { ChildMessage } from './confined-child.ts'
import { giveBackAllMemory } from './give-back-memory.ts'
import { yieldToTill } from './yield-to-till.ts'

/** How a task in a process of its own is followed: cancelled by the signal, with progress in bytes. */
export interface Following {
  readonly signal: AbortSignal
  readonly onProgress?: ((bytes: number, totalBytes: number) => void) | undefined
}

/**
 * The walls around a process that opens what a stranger may have made: it reads and writes in these places only, reaches
 * no network, starts no other program, and is ended when it takes more time or memory than is given.
 */
export interface Walls {
  /** Files and folders that may be read, beside the program itself. */
  readonly read: readonly string[]
  /** Folders of ours that may be written to. */
  readonly write: readonly string[]
  /** Of computing; on a machine that is busy with other things it may last several times as long. */
  readonly milliseconds: number
  /** Of the whole process, as the operating system counts them. */
  readonly memoryBytes: number
}

/** How long a process behind walls may last when it has to wait for its turn, beside its computing. */
const LEAST_WAIT_MS = 20_000
const WAIT_FACTOR = 4

/**
 * Runs one task in a process of its own, and waits for that process to end. Nothing of the environment is handed down.
 * Throws what the task threw; `job.cancelled` when the signal ended it; `file.over-limit` when the walls did.
 */
export async function runInChild(
  program: string,
  task: unknown,
  { signal, onProgress }: Following,
  walls?: Walls,
): Promise<unknown> {
  throwIfCancelled(signal)
  giveBackAllMemory()
  const child = startChild(program, walls === undefined ? [] : permissionsFor(walls))
  const stop = () => child.kill('SIGKILL')
  const overdue = walls && setTimeout(stop, LEAST_WAIT_MS + walls.milliseconds * WAIT_FACTOR)
  signal.addEventListener('abort', stop)
  try {
    child.send({ task, limits: walls && { memoryBytes: walls.memoryBytes, computingMs: walls.milliseconds } })
    const end = await endOf(child, onProgress)
    throwIfCancelled(signal)
    return resultOf(end, walls)
  } finally {
    clearTimeout(overdue)
    signal.removeEventListener('abort', stop)
    stop()
  }
}

/** Starts a program of ours in a process of its own, to which messages can be sent. Nothing of the environment is handed down. */
export function startChild(program: string, nodeOptions: readonly string[] = []): ChildProcess {
  const child = fork(program, {
    execArgv: [...nodeOptions],
    env: { ELECTRON_RUN_AS_NODE: '1' }, // in an Electron till, the executable is the till
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  if (child.pid !== undefined) {
    yieldToTill(child.pid) // one that could not be started has none
  }
  return child
}

/** The folder that holds this engine with all that it imports: `node_modules` may stand above it. */
const PROGRAM = programFolders(dirname(dirname(fileURLToPath(import.meta.url))))

function programFolders(source: string): string[] {
  const above: string[] = []
  for (let folder = source; dirname(folder) !== folder; folder = dirname(folder)) {
    above.push(join(folder, 'node_modules'), join(folder, 'package.json'))
  }
  return [source, ...above]
}

/** Node's permission model: https://nodejs.org/api/permissions.html. The network is closed as long as it is not named. */
function permissionsFor({ read, write }: Walls): string[] {
  return [
    '--permission',
    '--allow-addons', // the driver of SQLite is one
    '--allow-worker', // it watches the memory
    '--max-semi-space-size=2', // MiB: what is no longer needed is collected early, before it touches the wall
    ...[...PROGRAM, ...read, ...write].map((path) => `--allow-fs-read=${path}`),
    ...write.map((path) => `--allow-fs-write=${path}`),
  ]
}

/** How a child ended: what it said last, and its exit code or the signal that ended it. */
interface ChildEnd {
  readonly last: ChildMessage | undefined
  readonly how: number | string | null
}

/** Once it has ended and all that it said has been read. */
function endOf(child: ChildProcess, onProgress: Following['onProgress']): Promise<ChildEnd> {
  return new Promise((resolve, reject) => {
    let last: ChildMessage | undefined
    child.on('message', (message: ChildMessage) => {
      last = message
      if (message.kind === 'progress') {
        onProgress?.(message.bytes, message.totalBytes)
      }
    })
    child.on('error', reject)
    child.on('close', (exitCode, signal) => resolve({ last, how: signal ?? exitCode }))
  })
}

function resultOf({ last: message, how }: ChildEnd, walls: Walls | undefined): unknown {
  switch (message?.kind) {
    case 'done':
      return message.result
    case 'failed':
      throw errorOf(message.failure)
    default:
      throw walls === undefined
        ? new Error(`the process that does the work ended without an answer (${how})`)
        : overLimit(walls)
  }
}

/** The error that a process of ours has told of. */
export function errorOf(failure: Failure): Error {
  return failure.code === 'internal'
    ? new Error(failure.message)
    : new TillsafeError(failure.code, failure.message, { hint: failure.hint })
}

function overLimit({ milliseconds, memoryBytes }: Walls): TillsafeError {
  const seconds = Math.round(milliseconds / 1000)
  const megabytes = Math.round(memoryBytes / 1024 / 1024)
  return new TillsafeError(
    'file.over-limit',
    `the look into the file was stopped: it took more than ${seconds} s or ${megabytes} MB, or broke what reads it`,
  )
}
