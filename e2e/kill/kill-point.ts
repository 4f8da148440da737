/** A place in a run where it is killed: before the n-th call of that name in one thread of the run. */
export interface KillPoint {
  /**
   * A thread of the driver; the main thread of one of its children (`child-1` is the first); or the driver while that
   * child stands before the call and goes on a little later, as an orphan: `orphan-1`.
   */
  readonly victim: Victim
  readonly call: string
  readonly n: number
  /** What the call worked on when the points were counted. */
  readonly on: string
}

export type Victim = DriverThread | `${'child' | 'orphan'}-${number}`

/** The names that Node gives its threads: JavaScript and SQLite run in the first, files are written in the second. */
export const driverThreads = { main: 'node-MainThread', files: 'libuv-worker' } as const

export type DriverThread = keyof typeof driverThreads

/** Every call that changes a disk. A file that is made is seen at the call after. */
export const CALLS =
  'write,writev,pwrite64,pwritev,fsync,fdatasync,rename,renameat2,link,linkat,unlink,unlinkat,ftruncate,mkdir,rmdir,chmod,chown'

/** Points of one kind are chosen in turn with those of others. */
export function kindOf({ victim, call }: KillPoint): string {
  return `${victim} ${call}`
}

/** As it is typed after `--only`. */
export function nameOf({ victim, call, n }: KillPoint): string {
  return `${victim}:${call}:${n}`
}

export function parsePoint(name: string): KillPoint {
  const [victim = '', call = '', n = ''] = name.split(':')
  return { victim: victim as Victim, call, n: Number(n), on: '' }
}
