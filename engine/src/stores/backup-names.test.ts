import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkKey } from '../destinations/key.ts'
import { syntheticHeading, syntheticShop } from '../testing/synthetic-snapshot.ts'
import { backupKeys, backupStem } from './backup-names.ts'

const shop = syntheticShop('Café Été')

describe('the name of a backup', () => {
  test('has the shop and its local time', () => {
    const heading = syntheticHeading(shop, 1, { takenAt: '2026-07-01T22:30:05.000Z', tiers: ['daily'] })
    expect(backupStem(heading, 'Europe/Brussels', 1)).toBe('main/Daily/Café Été_backup_20260702_003005')
    expect(backupStem(heading, 'Europe/Brussels', 3)).toBe('main/Daily/Café Été_backup_20260702_003005_3')
  })

  test.each([
    [['manual'], 'Manual'],
    [['daily', 'weekly'], 'Weekly'],
    [['closing', 'daily'], 'Daily'],
    [['yearly', 'monthly', 'weekly', 'daily'], 'Yearly'],
    [['manual', 'monthly'], 'Monthly'],
    [['closing'], 'Closing'],
  ] as const)('is in the folder of the longest-lived tier of %j', (tiers, folder) => {
    expect(backupStem(syntheticHeading(shop, 1, { tiers: [...tiers] }), 'UTC', 1)).toMatch(`main/${folder}/`)
  })

  test('of a safety backup tells what it was taken before', () => {
    const heading = syntheticHeading(shop, 1, { tiers: ['safety'], trigger: 'before-restore' })
    expect(backupStem(heading, 'UTC', 1)).toBe('main/Safety/Café Été_before_restore_20261121_100100')
    expect(backupStem({ ...heading, trigger: 'before-migration' }, 'UTC', 1)).toContain('_before_migration_')
  })
})

describe('the shop in a file name', () => {
  test.each([
    ['Chez l’Ami & Fils', 'Chez l-Ami - Fils'],
    ['Cafe\u0301', 'Café'],
    ['Über/Größe: 100%', 'Über-Größe- 100'],
    ['../etc/passwd', 'etc-passwd'],
    ['nul', 'Shop-nul'],
    ['COM1.shop', 'Shop-COM1.shop'],
    ['Console', 'Console'],
    ['...', 'Shop'],
    ['', 'Shop'],
    ['😀', 'Shop'],
    ['店'.repeat(100), '店'.repeat(60)],
    [`${'a'.repeat(59)} bakery`, 'a'.repeat(59)],
  ])('%j becomes %j', (name, expected) => {
    const heading = syntheticHeading(shop, 1)
    const stem = backupStem({ ...heading, shop: { ...heading.shop, name } }, 'UTC', 1)
    expect(stem).toBe(`main/Manual/${expected}_backup_20261121_100100`)
  })

  test('always makes names that every destination takes', () => {
    const anyName = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 100 }),
      fc.string({ unit: 'grapheme', maxLength: 100 }),
      fc.string({ unit: fc.constantFrom('𝒜', 'é', '.', ' ', '-', '/', 'e\u0301', '\u0000'), maxLength: 100 }),
    )
    fc.assert(
      fc.property(anyName, fc.constantFrom('manual', 'safety'), (name, tier) => {
        const heading = syntheticHeading(shop, 1, { tiers: [tier], trigger: 'before-accounting-reset' })
        const stem = backupStem({ ...heading, shop: { ...heading.shop, name } }, 'UTC', 99)
        for (const ending of ['.db', '.zip'] as const) {
          Object.values(backupKeys(stem, ending)).forEach(checkKey)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
