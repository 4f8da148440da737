/** The process that works on databases: one task, then it ends. See `sqlite-process.ts` and `confined-child.ts`. */
import { setImmediate } from 'node:timers/promises'
import { answerOneTask, type ChildProgress } from '../../work/confined-child.ts'
import { askLive } from './ask-live.ts'
import { inspect } from './inspect.ts'
import { look } from './look.ts'
import { optimize } from './optimize.ts'
import { probe } from './probe.ts'
import { sqliteFailure } from './sqlite-failure.ts'
import type { SqliteTask } from './sqlite-tasks.ts'
import { swap } from './swap.ts'
import { takeSnapshot } from './take-snapshot.ts'

answerOneTask<SqliteTask>({
  run,
  explain: (error, task) => sqliteFailure(error, fileOf(task)),
})

async function run(task: SqliteTask, progress: ChildProgress): Promise<unknown> {
  switch (task.kind) {
    case 'snapshot':
      return takeSnapshot(task, progress)
    case 'inspect':
      return inspect(task)
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

function fileOf(task: SqliteTask): string {
  return task.kind === 'inspect' ? task.of : task.database
}
