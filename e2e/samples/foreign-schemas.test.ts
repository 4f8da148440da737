import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BackupCenter, createShop } from '@tillsafe/engine'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { needs } from '../../tools/needs.ts'
import { type SampleName, sampleDatabase, sampleNames } from '../../tools/sample-databases.ts'
import { contentOf } from '../shop-content.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tillsafe-samples-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe.skipIf(needs('sample databases'))('a database that we did not make, without a schema map', () => {
  test.each(sampleNames)('%s is backed up, lost, and comes back the same', async (name) => {
    const { database, original } = bring(name)
    const before = contentOf(original, noImages()).database
    await using center = await open(database)
    const { backup } = await center.backUp().result
    expect(backup.label.database.condition).toBe('sound')
    expect(backup.label.database.fingerprint.tables.length).toBeGreaterThan(0)
    expect(await center.verify(backup.label.id).result).toMatchObject({ ok: true })

    rmSync(database)
    const plan = await center.planRestore(backup.label.id)
    await center.restore(plan, { confirm: plan.confirmation, reason: 'machine-changed' }).result
    expect(contentOf(database, noImages()).database).toBe(before)
    expect(readFileSync(database).equals(readFileSync(original))).toBe(true)
  })
})

function bring(name: SampleName): { database: string; original: string } {
  const original = sampleDatabase(name) ?? ''
  const database = join(folder, 'till', 'data.sqlite')
  mkdirSync(join(folder, 'till'))
  copyFileSync(original, database)
  return { database, original }
}

async function open(database: string): Promise<BackupCenter> {
  const home = join(folder, 'home')
  const source = { engine: 'sqlite', database } as const
  await createShop(home, { name: 'Somebody else', country: 'DE', timeZone: 'Europe/Berlin', source })
  return BackupCenter.open(home, { version: 'test' })
}

function noImages(): string {
  return join(folder, 'no images')
}
