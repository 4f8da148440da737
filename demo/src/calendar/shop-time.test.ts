import { expect, test } from 'vitest'
import { addDays } from './add-days.ts'
import { ShopTime } from './shop-time.ts'

const time = new ShopTime('Europe/Paris')

test('a day is the shop’s day', () => {
  expect(time.date(Date.parse('2026-06-30T22:30:00Z'))).toBe('2026-07-01')
  expect(time.stamp(Date.parse('2026-06-30T22:30:00Z'))).toBe('2026-07-01T00:30:00+02:00')
})

test('hours are the clock’s on the days when it changes', () => {
  expect(time.stamp(time.instant('2026-03-29', 9 * 3600))).toBe('2026-03-29T09:00:00+02:00')
  expect(time.stamp(time.instant('2026-10-25', 9 * 3600))).toBe('2026-10-25T09:00:00+01:00')
})

test('February has its days', () => {
  expect(addDays('2028-02-28', 1)).toBe('2028-02-29')
  expect(addDays('2026-03-01', -1)).toBe('2026-02-28')
})
