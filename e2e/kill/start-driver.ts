import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { DriverJob } from './driver-job.ts'
import type { ChildWatch } from './trace-children.ts'

const DRIVER = join(import.meta.dirname, 'driver.ts')
const HANGS_AFTER_MS = 60_000

export interface DriverOptions {
  readonly job: DriverJob
  readonly folder: string
  /** How its child processes are watched. */
  readonly watch?: ChildWatch
  /** A program and arguments that it is started with. */
  readonly under?: readonly string[]
  /** Beside what every driver gets. */
  readonly env?: Readonly<Record<string, string>>
}

/** How a run of the driver ended. */
export interface DriverEnd {
  readonly outcome: 'done' | 'failed' | 'killed' | 'hung'
  readonly said: string
}

/** A driver that is ready, and waits for the word. */
export interface Driver {
  readonly pid: number
  begin(): void
  /** `hung` when it did not end by itself within a minute. */
  readonly end: Promise<DriverEnd>
  kill(): void
}

export async function startDriver({ job, folder, watch, under = [], env = {} }: DriverOptions): Promise<Driver> {
  const [program = '', ...args] = [...under, process.execPath, DRIVER, job, folder]
  const driver = spawn(program, [...args, ...(watch === undefined ? [] : [JSON.stringify(watch)])], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, UV_THREADPOOL_SIZE: '1', UV_USE_IO_URING: '0', ...env },
  })
  let said = ''
  driver.stdout.on('data', (bytes) => {
    said += bytes
  })
  driver.stdin.on('error', () => undefined) // it may be dead already
  const closed = once(driver, 'close') as Promise<[number | null, string | null]>
  await Promise.race([once(driver.stdout, 'data'), closed])
  return {
    pid: driver.pid ?? 0,
    begin: () => driver.stdin.end('begin\n'),
    end: Promise.race([closed, setTimeout(HANGS_AFTER_MS, undefined, { ref: false })]).then((end) => {
      driver.kill('SIGKILL')
      return { outcome: outcomeOf(end), said: said.replace('ready\n', '').trim() }
    }),
    kill: () => driver.kill('SIGKILL'),
  }
}

function outcomeOf(end: [number | null, string | null] | undefined): DriverEnd['outcome'] {
  if (end === undefined) {
    return 'hung'
  }
  const [exitCode] = end
  return exitCode === null ? 'killed' : exitCode === 0 ? 'done' : 'failed'
}
