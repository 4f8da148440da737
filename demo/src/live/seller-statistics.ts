export interface DurationSummary {
  readonly count: number
  readonly medianMs: number
  readonly p99Ms: number
  readonly longestMs: number
}

export interface LastTicket {
  readonly register: number
  readonly uid: string
  readonly seq: number
  readonly hash: string
}

/** What a seller has done, and how long its tickets took since it started measuring. */
export interface SellerStatistics {
  /** Committed since the start. */
  readonly tickets: number
  readonly lastTickets: readonly LastTicket[]
  /** The COMMIT alone. */
  readonly commits: DurationSummary
  /** From BEGIN to the end of COMMIT: a till that waits for a lock waits here. */
  readonly sales: DurationSummary
  readonly checkpoints: number
  /** Tickets that were put off because another connection held the lock too long. */
  readonly busy: number
}
