/** Sizes, times and ids as a person reads them. */
export class Wording {
  readonly #timeZone: string
  readonly #now: Date

  constructor(timeZone: string, now: string) {
    this.#timeZone = timeZone
    this.#now = new Date(now)
  }

  /** `21 Nov 2026, 10:57 (3 minutes ago)`, in the shop's own time zone. */
  time(instant: string): string {
    return `${this.clock(instant)} (${this.ago(instant)})`
  }

  clock(instant: string): string {
    return new Intl.DateTimeFormat('en-GB', {
      timeZone: this.#timeZone,
      dateStyle: 'medium',
      timeStyle: 'short',
    }).format(new Date(instant))
  }

  ago(instant: string): string {
    const seconds = (new Date(instant).getTime() - this.#now.getTime()) / 1000
    const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1]
    return unit === 'second'
      ? 'just now'
      : new Intl.RelativeTimeFormat('en', { numeric: 'auto' }).format(Math.round(seconds / length), unit)
  }
}

const DAY = 86_400
const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 365 * DAY],
  ['month', 30 * DAY],
  ['day', DAY],
  ['hour', 3600],
  ['minute', 60],
]

/** `12.3 MB`. */
export function wordSize(bytes: number): string {
  const steps = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const
  const step = bytes < 1000 ? 0 : Math.min(steps.length - 1, Math.floor(Math.log10(bytes) / 3))
  return new Intl.NumberFormat('en', {
    style: 'unit',
    unit: steps[step] ?? 'byte',
    unitDisplay: step === 0 ? 'long' : 'short',
    maximumSignificantDigits: 3,
  }).format(bytes / 1000 ** step)
}

/** `1,234`. */
export function wordCount(count: number): string {
  return new Intl.NumberFormat('en').format(count)
}

/** `1 table`, `1,234 tables`. */
export function wordNumber(count: number, noun: string): string {
  return `${wordCount(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** `3 min 20 s`. */
export function wordDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`
}

/** The first characters of an id: enough to tell backups apart, and every command takes them. */
export function shortId(id: string): string {
  return id.slice(0, 8)
}

/** Rows as aligned columns, two spaces apart. */
export function wordTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
