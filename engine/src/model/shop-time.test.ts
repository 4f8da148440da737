import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fileStamp, isTimeZone, shopDay } from './shop-time.ts'

describe('a day', () => {
  test.each([
    ['2026-11-21T22:59:59.999Z', 'Europe/Brussels', '2026-11-21'],
    ['2026-11-21T23:00:00.000Z', 'Europe/Brussels', '2026-11-22'],
    ['2026-07-01T22:00:00.000Z', 'Europe/Brussels', '2026-07-02'],
    ['2026-11-21T10:00:00.000Z', 'Pacific/Kiritimati', '2026-11-22'],
    ['2026-11-21T10:00:00.000Z', 'Pacific/Honolulu', '2026-11-21'],
    ['2026-11-21T09:59:00.000Z', 'Pacific/Honolulu', '2026-11-20'],
    ['2026-12-31T23:30:00.000Z', 'Europe/Paris', '2027-01-01'],
    ['2028-02-29T12:00:00.000Z', 'UTC', '2028-02-29'],
  ])('is the shop’s day: %s in %s is %s', (at, timeZone, day) => {
    expect(shopDay(at, timeZone)).toBe(day)
  })

  test('lasts 23 hours when the clock goes forward and 25 when it goes back', () => {
    const hours = (day: string): number => {
      const start = Date.parse(`${day}T00:00:00.000Z`) - 12 * 3_600_000
      return Array.from({ length: 48 }, (_, hour) => new Date(start + hour * 3_600_000).toISOString()).filter(
        (at) => shopDay(at, 'Europe/Brussels') === day,
      ).length
    }
    expect(hours('2026-03-29')).toBe(23)
    expect(hours('2026-10-25')).toBe(25)
    expect(hours('2026-11-21')).toBe(24)
  })
})

describe('the stamp of a file', () => {
  test.each([
    ['2026-11-21T10:57:00.000Z', 'Europe/Brussels', '20261121_115700'],
    ['2026-07-01T22:05:09.999Z', 'Europe/Brussels', '20260702_000509'],
    ['2026-11-21T00:00:00.000Z', 'UTC', '20261121_000000'],
    ['2026-11-21T12:00:00.000Z', 'Asia/Kathmandu', '20261121_174500'],
    ['0999-01-01T00:00:00.000Z', 'UTC', '09990101_000000'],
  ])('is local time: %s in %s is %s', (at, timeZone, stamp) => {
    expect(fileStamp(at, timeZone)).toBe(stamp)
  })

  test('skips the hour that spring takes, and shows the one that autumn gives twice', () => {
    expect(fileStamp('2026-03-29T00:59:59.000Z', 'Europe/Brussels')).toBe('20260329_015959')
    expect(fileStamp('2026-03-29T01:00:00.000Z', 'Europe/Brussels')).toBe('20260329_030000')
    expect(fileStamp('2026-10-25T00:30:00.000Z', 'Europe/Brussels')).toBe('20261025_023000')
    expect(fileStamp('2026-10-25T01:30:00.000Z', 'Europe/Brussels')).toBe('20261025_023000')
  })

  test('sorts by date, and is always of the shop’s day', () => {
    const anyTime = fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
    const anyZone = fc.constantFrom(
      'Europe/Brussels',
      'America/New_York',
      'Asia/Kathmandu',
      'Australia/Lord_Howe',
      'UTC',
    )
    // More than the hour that a clock goes back.
    const anyGap = fc.integer({ min: 3_601_000, max: 10 * 86_400_000 })
    fc.assert(
      fc.property(anyTime, anyGap, anyZone, (time, gap, zone) => {
        const [early, late] = [time.toISOString(), new Date(time.getTime() + gap).toISOString()]
        expect(fileStamp(early, zone) < fileStamp(late, zone)).toBe(true)
        expect(fileStamp(early, zone).slice(0, 8)).toBe(shopDay(early, zone).replaceAll('-', ''))
      }),
    )
  })
})

describe('a time zone', () => {
  test.each(['Europe/Brussels', 'UTC', 'America/Argentina/Buenos_Aires'])('%s is known', (name) => {
    expect(isTimeZone(name)).toBe(true)
  })

  test.each(['', 'Europe/Atlantis', 'Brussels', '../etc/passwd'])('%j is not', (name) => {
    expect(isTimeZone(name)).toBe(false)
  })
})
