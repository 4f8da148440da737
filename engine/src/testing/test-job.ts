import type { Clock, Progress } from '../model/index.ts'
import type { JobContext } from '../work/job-context.ts'

/** A job without a center: its reports are kept, and it is cancelled through `cancel`. */
export interface TestJob extends JobContext {
  readonly reports: readonly Progress[]
  cancel(): void
}

/** A new test job. `onReport` is called with each report, and may cancel. */
export function testJob({
  clock = standingClock('2026-11-21T10:57:00.000Z'),
  onReport = () => undefined,
}: {
  clock?: Clock
  onReport?: (progress: Progress, job: TestJob) => void
} = {}): TestJob {
  const controller = new AbortController()
  const reports: Progress[] = []
  const job: TestJob = {
    clock,
    signal: controller.signal,
    reports,
    report(progress) {
      reports.push(progress)
      onReport(progress, job)
    },
    cancel: () => controller.abort(),
  }
  return job
}

/** A clock that always shows the same time. */
export function standingClock(now: string): Clock {
  return { now: () => now, ticks: () => 0 }
}
