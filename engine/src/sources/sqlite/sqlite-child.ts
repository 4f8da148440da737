/** The process that works on databases: one task, then it ends. See `sqlite-process.ts` and `confined-child.ts`. */
import { dirname } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { answerOneTask, type ChildProgress } from '../../work/confined-child.ts'
import { askLive } from './ask-live.ts'
import { committedState } from './committed-state.ts'
import { hashContentOf } from './hash-content-task.ts'
import { inspect } from './inspect.ts'
import { look } from './look.ts'
import { optimize } from './optimize.ts'
import { probe } from './probe.ts'
import { sqliteFailure, type TaskFiles } from './sqlite-failure.ts'
import type { SqliteTask } from './sqlite-tasks.ts'
import { swap } from './swap.ts'
import { takeSnapshot } from './take-snapshot.ts'

answerOneTask<SqliteTask>({
  run,
  explain: (error, task) => sqliteFailure(error, filesOf(task)),
})

async function run(task: SqliteTask, progress: ChildProgress): Promise<unknown> {
  switch (task.kind) {
    case 'snapshot':
      return takeSnapshot(task, progress)
    case 'inspect':
      return inspect(task)
    case 'state':
      return committedState(task.database)
    case 'hash-content':
      return hashContentOf(task)
    case 'look':
      return look(task)
    case 'optimize':
      return optimize(task)
    case 'ask-live':
      return askLive(task)
    case 'probe':
      return probe(task)
    case 'swap':
      return swap(task, isParentAlive)
    default:
      return task satisfies never
  }
}

async function isParentAlive(): Promise<boolean> {
  await setImmediate()
  await setImmediate() // the first comes before the next look at the channel
  return process.connected
}

function filesOf(task: SqliteTask): TaskFiles {
  switch (task.kind) {
    case 'inspect':
    case 'hash-content':
      return { database: task.of, ours: dirname(task.file), onlyOurs: true }
    case 'snapshot':
      return { database: task.database, ours: dirname(task.target), onlyOurs: false }
    default:
      return { database: task.database, onlyOurs: false }
  }
}
