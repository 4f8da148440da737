import { constants, getPriority, setPriority } from 'node:os'

const YIELDING = constants.priority.PRIORITY_BELOW_NORMAL

/**
 * The till goes first: our work may take longer, its sales may not. Without a process's id, this one yields. One that somebody has made
 * more patient still stays so.
 */
export function yieldToTill(pid = 0): void {
  try {
    if (getPriority(pid) < YIELDING) {
      setPriority(pid, YIELDING)
    }
  } catch {
    // It has ended already, or the platform won't.
  }
}
