import { expect, test } from 'vitest'
import { mergeDatabaseKeys } from './merge-database-keys.ts'

test('histories of keys are merged without losing one, the newest first', () => {
  const old = { key: 'old', since: '2025-01-01T00:00:00.000Z' }
  const mid = { key: 'mid', since: '2026-01-01T00:00:00.000Z' }
  const young = { key: 'young', since: '2026-06-01T00:00:00.000Z' }
  expect(mergeDatabaseKeys([{ till: [mid, old] }, { till: [young, old], bakery: [old] }, {}])).toEqual({
    till: [young, mid, old],
    bakery: [old],
  })
})
