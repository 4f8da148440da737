import { TillsafeError } from '../model/index.ts'

/** Throws `job.cancelled` once the job has been cancelled. */
export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) {
    throw new TillsafeError('job.cancelled', 'the work was cancelled', { cause: signal.reason })
  }
}

/** The same stream, ending with `job.cancelled` when the job is cancelled. */
export async function* cancellable(stream: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncIterable<Uint8Array> {
  for await (const chunk of stream) {
    throwIfCancelled(signal)
    yield chunk
  }
}
