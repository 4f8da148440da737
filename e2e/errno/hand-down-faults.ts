import type { ChildProcess, ForkOptions, fork } from 'node:child_process'

/** What makes calls fail in a process: the engine hands nothing of its environment down to its children. */
const NAMES = ['LD_PRELOAD', 'TILLSAFE_FAULTS', 'TILLSAFE_FAULTS_BELOW', 'TILLSAFE_FAULTS_LOG']

/** A `fork` whose children meet the same faults as this process. */
export function handDownFaults(original: typeof fork): typeof fork {
  const faults = Object.fromEntries(NAMES.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])))
  return (module: string | URL, options?: readonly string[] | ForkOptions): ChildProcess => {
    const forkOptions = options as ForkOptions
    return original(module, { ...forkOptions, env: { ...forkOptions.env, ...faults } })
  }
}
