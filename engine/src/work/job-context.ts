import type { Clock, Progress } from '../model/index.ts'

/** What a running job carries. */
export interface JobContext {
  readonly clock: Clock
  /** Aborted when the job is cancelled: every wait listens to it. */
  readonly signal: AbortSignal
  report(progress: Progress): void
}
