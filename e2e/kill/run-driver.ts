import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { DriverJob } from './driver-job.ts'
import { CALLS, type DriverThread, driverThreads, type KillPoint } from './kill-point.ts'
import { type DriverEnd, startDriver } from './start-driver.ts'
import { whenStopped } from './when-stopped.ts'

const ORPHAN_WAKES_AFTER_MS = 1000

/** Runs the driver, and kills it at a point. */
export function runAndKill(job: DriverJob, folder: string, point: KillPoint): Promise<DriverEnd> {
  const [kind, child] = point.victim.split('-')
  switch (kind) {
    case 'child':
      return killChild(job, folder, Number(child), point)
    case 'orphan':
      return orphanChild(job, folder, Number(child), point)
    default:
      return killThread(job, folder, kind as DriverThread, point)
  }
}

async function killThread(job: DriverJob, folder: string, thread: DriverThread, at: KillPoint): Promise<DriverEnd> {
  const driver = await startDriver({ job, folder })
  await attach(driver.pid, thread, signalling('SIGKILL', at, '/dev/null'))
  driver.begin()
  return driver.end
}

async function killChild(job: DriverJob, folder: string, child: number, at: KillPoint): Promise<DriverEnd> {
  const watch = { child, strace: signalling('SIGKILL', at, '/dev/null') }
  const driver = await startDriver({ job, folder, watch })
  driver.begin()
  return driver.end
}

/** Kills the driver while its child is stopped. The child goes on when the shop may already be open again. */
async function orphanChild(job: DriverJob, folder: string, child: number, at: KillPoint): Promise<DriverEnd> {
  const signals = `${folder}.signals`
  rmSync(signals, { force: true })
  const strace = ['-f', ...signalling('SIGSTOP', at, signals)] // with -f, it names the process
  const driver = await startDriver({ job, folder, watch: { child, strace } })
  driver.begin()
  const over = new AbortController()
  const end = driver.end.finally(() => over.abort())
  const orphan = await whenStopped(signals, over.signal)
  driver.kill()
  if (orphan !== undefined) {
    setTimeout(() => wake(orphan), ORPHAN_WAKES_AFTER_MS)
  }
  return end
}

function wake(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT')
  } catch {
    // It has ended.
  }
}

function signalling(signal: string, { call, n }: KillPoint, output: string): string[] {
  return ['-qq', '-o', output, '-e', `trace=${call}`, '-e', `inject=${call}:signal=${signal}:when=${n}`]
}

/** Runs the driver to its end, with the calls of each thread and child written to files named after them. */
export async function runAndRecord(job: DriverJob, folder: string, records: string): Promise<DriverEnd> {
  const record = (victim: string) => ['-qq', '-y', '-o', join(records, victim), '-e', `trace=${CALLS}`]
  const driver = await startDriver({ job, folder, watch: { child: 'all', strace: record('child-%child') } })
  await attach(driver.pid, 'main', record('main'))
  await attach(driver.pid, 'files', record('files'))
  driver.begin()
  return driver.end
}

/** Puts one thread of a process under strace. Resolves once it is. */
async function attach(pid: number, thread: DriverThread, strace: readonly string[]): Promise<void> {
  const tasks = `/proc/${pid}/task`
  const id = readdirSync(tasks).find(
    (id) => readFileSync(`${tasks}/${id}/comm`, 'utf8').trim() === driverThreads[thread],
  )
  if (id === undefined) {
    throw new Error(`the driver has no thread ${driverThreads[thread]}`)
  }
  const tracer = spawn('strace', [...strace, '-p', id], { stdio: ['ignore', 'ignore', 'inherit'] })
  while (!/^TracerPid:\t[1-9]/m.test(readFileSync(`${tasks}/${id}/status`, 'utf8'))) {
    if (tracer.exitCode !== null) {
      throw new Error(`strace could not follow the thread ${thread} of the driver`)
    }
    await pause(5)
  }
}
