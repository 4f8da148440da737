import { constants, setPriority } from 'node:os'

/** The till goes first: our work may take longer, its sales may not. Without a process's id, this one yields. */
export function yieldToTill(pid = 0): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // It has ended already, or the platform won't.
  }
}
