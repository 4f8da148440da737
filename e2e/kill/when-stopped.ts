import { existsSync, readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'

/** The process that strace, writing to a file, reports as stopped, once there is one; undefined when it is over without. */
export async function whenStopped(signals: string, over: AbortSignal): Promise<number | undefined> {
  while (!over.aborted) {
    const stopped = existsSync(signals) && /^(\d+) +--- stopped by SIGSTOP/m.exec(readFileSync(signals, 'utf8'))
    if (stopped) {
      return Number(stopped[1])
    }
    await setTimeout(10)
  }
  return undefined
}
