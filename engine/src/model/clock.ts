/** A moment, as ISO 8601 in UTC with milliseconds: `2026-11-21T10:57:00.000Z`. Sorts as text. */
export type Instant = string

/** Where time comes from. A wall clock may jump; `ticks` never does. */
export interface Clock {
  now(): Instant
  /** Milliseconds since some fixed moment, never going back: for durations. */
  ticks(): number
}
