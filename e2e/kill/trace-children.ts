import type { ChildProcess, ForkOptions, fork } from 'node:child_process'

/** How the engine's child processes are watched: the arguments of strace, for one of them (1 is the first) or for all. */
export interface ChildWatch {
  readonly child: number | 'all'
  /** `%child` stands for the number of the child. */
  readonly strace: readonly string[]
}

/** A `fork` that starts children under strace. */
export function traceChildren(original: typeof fork, { child, strace }: ChildWatch): typeof fork {
  let children = 0
  return (module: string | URL, options?: readonly string[] | ForkOptions): ChildProcess => {
    children++
    if (child !== 'all' && child !== children) {
      return original(module, options as ForkOptions)
    }
    const forkOptions = options as ForkOptions
    const watching = strace.map((argument) => argument.replace('%child', String(children)))
    return original(module, {
      ...forkOptions,
      execPath: '/usr/bin/strace',
      execArgv: [...watching, '-E', 'UV_THREADPOOL_SIZE=1', process.execPath, ...(forkOptions.execArgv ?? [])],
    })
  }
}
