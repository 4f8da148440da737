/**
 * The inside of a process that does one task: see `confined-process.ts`. What it imports decides how fast it starts: of
 * the model it takes single files, never the schemas.
 */
import { Worker } from 'node:worker_threads'
import type { Failure } from '../model/index.ts'
import { failureOf } from '../model/tillsafe-error.ts'

/** What the process says while it works and at the end. */
export type ChildMessage =
  | { readonly kind: 'progress'; readonly bytes: number; readonly totalBytes: number }
  | { readonly kind: 'done'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly failure: Failure }

/** Reports bytes done of a total; awaits the chance to be told to stop. */
export type ChildProgress = (bytes: number, totalBytes: number) => Promise<void>

/** What a kind of process does with a task, and what its errors mean for a person. */
export interface ChildWork<T> {
  run(task: T, progress: ChildProgress): Promise<unknown>
  explain(error: unknown, task: T): unknown | Promise<unknown>
}

/** What ends the process when it takes more. */
interface Limits {
  readonly memoryBytes: number
  readonly computingMs: number
}

interface Order<T> {
  readonly task: T
  readonly limits: Limits | undefined
}

/** Waits for the one task, does it, answers, and lets the process end. */
export function answerOneTask<T>(work: ChildWork<T>): void {
  // Nobody waits for the answer any more: what was begun is left as it is, and is cleaned up at the next start.
  process.on('disconnect', () => process.exit(1))
  process.on('message', (order: Order<T>) => void answer(order, work))
}

async function answer<T>({ task, limits }: Order<T>, work: ChildWork<T>): Promise<void> {
  const watchdog = limits && watch(limits)
  try {
    const result = await work.run(task, (bytes, totalBytes) => send({ kind: 'progress', bytes, totalBytes }))
    await send({ kind: 'done', result })
  } catch (error) {
    await send({ kind: 'failed', failure: failureOf(await work.explain(error, task)) })
  }
  await watchdog?.terminate()
  process.disconnect?.()
}

/**
 * Ends this process when it takes more memory or time than it may: from a thread of its own, since the work may be deep in a
 * library that never comes back.
 */
function watch({ memoryBytes, computingMs }: Limits): Worker {
  const source = `setInterval(() => {
    const { user, system } = process.cpuUsage()
    if (process.memoryUsage.rss() > ${memoryBytes} || (user + system) / 1000 > ${computingMs}) {
      process.kill(process.pid, 'SIGKILL')
    }
  }, 20)`
  return new Worker(source, { eval: true, stdout: true, stderr: true, resourceLimits: { maxOldGenerationSizeMb: 8 } })
}

function send(message: ChildMessage): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(message, () => resolve())
  })
}
