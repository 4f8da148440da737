import type { LockFiles } from './lock-files.ts'
import type { Pause } from './pause.ts'

const TRIES = 3
const BETWEEN_MS = 1000

/** Removes a lock of ours; whether it is gone. One that stays becomes stale, when its process ends or after its time. */
export async function removeLock(files: LockFiles, name: string, pause: Pause): Promise<boolean> {
  for (let tries = 1; ; tries += 1) {
    try {
      await files.remove(name)
      return true
    } catch {
      if (tries === TRIES) {
        return false
      }
      await pause(BETWEEN_MS, {})
    }
  }
}
