const SECOND_MS = 1000
const MINUTE_MS = 60_000

/** How locks keep time: the figures are restic's, so that each side believes the other's. */
export interface LockTimes {
  /** Between writing a lock and looking for others: a store may take a moment to show it to all. */
  readonly beforeLookMs: number
  readonly refreshMs: number
  /** After a refresh that failed. */
  readonly refreshAgainMs: number
  /** A lock so old without a refresh is nobody's. */
  readonly staleMs: number
  /** Its holder doubts it before others do: clocks differ, and work takes a moment to stop. */
  readonly doubtMs: number
  /** So long the holder may take to make certain of a lock in doubt. */
  readonly doubtedMs: number
  /** Timers stand still while a machine sleeps: a lock is looked after so often, by the clock. */
  readonly lookMs: number
  readonly firstRetryMs: number
  readonly longestRetryMs: number
  /** A vault that somebody else works in is waited for so long. */
  readonly waitMs: number
}

export const LOCK_TIMES: LockTimes = {
  beforeLookMs: 200,
  refreshMs: 5 * MINUTE_MS,
  refreshAgainMs: MINUTE_MS,
  staleMs: 30 * MINUTE_MS,
  doubtMs: 22.5 * MINUTE_MS,
  doubtedMs: MINUTE_MS,
  lookMs: SECOND_MS,
  firstRetryMs: 5 * SECOND_MS,
  longestRetryMs: MINUTE_MS,
  waitMs: MINUTE_MS,
}
