import type { Instant } from './clock.ts'

/** A day of the shop, `2026-11-21`: it begins and ends at midnight in the shop's own time zone. */
export type ShopDay = string

/** The shop's day at a moment. */
export function shopDay(at: Instant, timeZone: string): ShopDay {
  const local = localParts(at, timeZone)
  return `${local.year}-${local.month}-${local.day}`
}

/** `20261121_105700`: the shop's local time as file names carry it, so that names sort by date. */
export function fileStamp(at: Instant, timeZone: string): string {
  const local = localParts(at, timeZone)
  return `${local.year}${local.month}${local.day}_${local.hour}${local.minute}${local.second}`
}

/** Whether the platform knows this IANA time zone. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

type LocalParts = Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second', string>

function localParts(at: Instant, timeZone: string): LocalParts {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  const parts = Object.fromEntries(
    format.formatToParts(new Date(at)).map((part) => [part.type, part.value]),
  ) as LocalParts
  return { ...parts, year: parts.year.padStart(4, '0') }
}
