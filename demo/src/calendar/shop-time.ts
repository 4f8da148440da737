const HOUR_MS = 3_600_000

/** The shop's clock face: instants as local time with offset, for one time zone. */
export class ShopTime {
  readonly timeZone: string
  readonly #format: Intl.DateTimeFormat
  readonly #offsets = new Map<number, { readonly ms: number; readonly suffix: string }>()

  constructor(timeZone: string) {
    this.timeZone = timeZone
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
  }

  /** `2026-03-01T12:31:05+01:00` */
  stamp(instant: number): string {
    const offset = this.#offset(instant)
    return new Date(instant + offset.ms).toISOString().slice(0, 19) + offset.suffix
  }

  /** The shop's day at that instant. */
  date(instant: number): string {
    return new Date(instant + this.#offset(instant).ms).toISOString().slice(0, 10)
  }

  hour(instant: number): number {
    return new Date(instant + this.#offset(instant).ms).getUTCHours()
  }

  /** Counted from the day's noon, so that it holds on the days when clocks change at night. */
  instant(date: string, secondOfDay: number): number {
    const wall = Date.parse(`${date}T00:00:00Z`) + secondOfDay * 1000
    return wall - this.#offset(Date.parse(`${date}T11:00:00Z`)).ms
  }

  /** An offset holds for an hour of the world's clock; zones change at full hours. */
  #offset(instant: number): { readonly ms: number; readonly suffix: string } {
    const hour = Math.floor(instant / HOUR_MS)
    let offset = this.#offsets.get(hour)
    if (offset === undefined) {
      if (this.#offsets.size > 1000) this.#offsets.clear()
      offset = parseOffset(this.#format.format(new Date(instant)))
      this.#offsets.set(hour, offset)
    }
    return offset
  }
}

function parseOffset(text: string): { readonly ms: number; readonly suffix: string } {
  const found = /GMT(?:([+-])(\d{2}):(\d{2}))?/.exec(text)
  const [, sign = '+', hours = '00', minutes = '00'] = found ?? []
  const ms = (Number(hours) * 60 + Number(minutes)) * 60_000
  return { ms: sign === '-' ? -ms : ms, suffix: `${sign}${hours}:${minutes}` }
}
