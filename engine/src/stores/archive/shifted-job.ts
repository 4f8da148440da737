import type { JobContext } from '../../work/job-context.ts'

/** A job whose bytes follow others of the same step, or come before them. */
export function shiftedJob(
  job: JobContext,
  { before = 0, after = 0 }: { readonly before?: number; readonly after?: number },
): JobContext {
  return {
    clock: job.clock,
    signal: job.signal,
    report: ({ totalBytes, ...progress }) =>
      job.report({
        ...progress,
        bytes: before + progress.bytes,
        ...(totalBytes === undefined ? {} : { totalBytes: before + totalBytes + after }),
      }),
  }
}
