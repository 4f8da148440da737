/**
 * The process that works on databases: one task, then it ends. See `sqlite-process.ts`. What it imports decides how fast
 * it starts: of the model it takes single files, never the schemas.
 */
import { setImmediate } from 'node:timers/promises'
import { failureOf } from '../../model/tillsafe-error.ts'
import { askLive } from './ask-live.ts'
import { inspect } from './inspect.ts'
import { look } from './look.ts'
import { optimize } from './optimize.ts'
import { probe } from './probe.ts'
import { sqliteFailure } from './sqlite-failure.ts'
import type { SqliteMessage, SqliteTask } from './sqlite-tasks.ts'
import { swap } from './swap.ts'
import { takeSnapshot } from './take-snapshot.ts'

// Nobody waits for the answer any more: what was begun is left as it is, and is cleaned up at the next start.
process.on('disconnect', () => process.exit(1))
process.on('message', (task: SqliteTask) => void answer(task))

async function answer(task: SqliteTask): Promise<void> {
  try {
    await send({ kind: 'done', result: await run(task) })
  } catch (error) {
    await send({ kind: 'failed', failure: failureOf(sqliteFailure(error, fileOf(task))) })
  }
  process.disconnect?.()
}

async function run(task: SqliteTask): Promise<unknown> {
  switch (task.kind) {
    case 'snapshot':
      return takeSnapshot(task, (bytes, totalBytes) => send({ kind: 'progress', bytes, totalBytes }))
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

function send(message: SqliteMessage): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(message, () => resolve())
  })
}
