/** A moment as ZIP keeps it: to two seconds, from 1980 to 2107, here always in UTC. */
export interface DosTime {
  readonly date: number
  readonly time: number
}

/** The moment in UTC, brought into the range that can be said. 1980-01-01 when there is none. */
export function dosTime(milliseconds: number = EARLIEST): DosTime {
  const moment = new Date(Math.min(Math.max(milliseconds, EARLIEST), LATEST))
  return {
    date: ((moment.getUTCFullYear() - 1980) << 9) | ((moment.getUTCMonth() + 1) << 5) | moment.getUTCDate(),
    time: (moment.getUTCHours() << 11) | (moment.getUTCMinutes() << 5) | (moment.getUTCSeconds() >> 1),
  }
}

const EARLIEST = Date.UTC(1980, 0, 1)
const LATEST = Date.UTC(2107, 11, 31, 23, 59, 58)
