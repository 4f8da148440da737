/** How busy each hour is; an hour that is missing is closed. */
export interface OpeningHours {
  readonly opensAtHour: number
  readonly closesAtHour: number
  /** One weight for each hour from the opening on. */
  readonly rush: readonly number[]
  /** Against an ordinary day. */
  readonly busy: number
}

const WEEKDAY_RUSH = [0.6, 1.5, 1, 0.8, 1.1, 3, 2.2, 0.6, 0.6, 1.2, 1.8, 2.2] as const
const EVENING_RUSH = [...WEEKDAY_RUSH, 1.6, 1.8, 0.8] as const
const SUNDAY_RUSH = [1, 2, 2.4, 2.6, 1.8, 1.2] as const
/** Sunday first; Monday is closed. */
const BUSY_BY_WEEKDAY = [0.85, 0, 0.85, 0.95, 0.95, 1.25, 1.55] as const
const BUSY_BY_MONTH = [0.85, 0.9, 0.95, 1, 1.05, 1.08, 1, 0.88, 1, 1.02, 1.06, 1.35] as const
const CLOSED_DAYS: ReadonlySet<string> = new Set(['01-01', '01-02', '05-01', '11-11', '12-25'])

/** The opening hours of a day, or nothing when the shop is closed: Mondays, some holidays, the winter week. */
export function openingHours(date: string): OpeningHours | undefined {
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay()
  const day = date.slice(5)
  if (weekday === 1 || CLOSED_DAYS.has(day) || (day >= '02-10' && day <= '02-16')) return undefined
  const month = Number(date.slice(5, 7))
  const busy = (BUSY_BY_WEEKDAY[weekday] ?? 1) * (BUSY_BY_MONTH[month - 1] ?? 1)
  if (weekday === 0) return { opensAtHour: 8, closesAtHour: 14, rush: SUNDAY_RUSH, busy }
  if (weekday >= 5) return { opensAtHour: 7, closesAtHour: 22, rush: EVENING_RUSH, busy }
  return { opensAtHour: 7, closesAtHour: 19, rush: WEEKDAY_RUSH, busy }
}
