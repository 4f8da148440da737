import { readdirSync, readFileSync } from 'node:fs'

const EVERY_MS = 200

/**
 * The peak of the memory that a process and its children hold together, in bytes: the sum of their proportional set
 * sizes (pages that they share count once), sampled. Linux only.
 */
export function watchMemory(pid: number): { stop(): number } {
  let peak = 0
  const timer = setInterval(() => {
    peak = Math.max(
      peak,
      familyOf(pid).reduce((sum, member) => sum + memoryOf(member), 0),
    )
  }, EVERY_MS)
  return {
    stop() {
      clearInterval(timer)
      return peak
    },
  }
}

function familyOf(pid: number): number[] {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`)
    const children = tasks.flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' '),
    )
    return [pid, ...children.filter((child) => child !== '').flatMap((child) => familyOf(Number(child)))]
  } catch {
    return []
  }
}

function memoryOf(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}
