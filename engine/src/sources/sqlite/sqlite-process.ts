import { fileURLToPath } from 'node:url'
import { type Following, runInChild, type Walls } from '../../work/confined-process.ts'
import type { SqliteTasks } from './sqlite-tasks.ts'

// Beside this file, as source or as what was built from it.
const CHILD = fileURLToPath(new URL(`./sqlite-child${import.meta.url.slice(-3)}`, import.meta.url))

/** Runs a task on a database in a process of its own; see `runInChild`. A file of a stranger is looked into behind walls. */
export async function runSqliteTask<K extends keyof SqliteTasks>(
  task: SqliteTasks[K]['task'] & { kind: K },
  following: Following,
  walls?: Walls,
): Promise<SqliteTasks[K]['result']> {
  const strange = walls === undefined ? {} : { isStrange: true }
  return (await runInChild(CHILD, { ...task, ...strange }, following, walls)) as SqliteTasks[K]['result']
}
