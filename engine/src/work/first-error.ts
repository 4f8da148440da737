/** What went wrong first: when putting things away fails too, JavaScript throws that failure, with the first one inside. */
export function firstError(thrown: unknown): unknown {
  return thrown instanceof SuppressedError ? firstError(thrown.suppressed) : thrown
}
