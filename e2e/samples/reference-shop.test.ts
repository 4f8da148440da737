import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeTestShop, REFERENCE_TABLES, verifyShop } from '@tillsafe/demo'
import { BackupCenter, createShop, readSchemaMap } from '@tillsafe/engine'
import { expect, test } from 'vitest'

test('the schema map of the reference POS names all its tables, each in its section', async () => {
  const { sections } = await readSchemaMap('reference')
  const mapped = sections.flatMap(({ name, tables }) => tables.map((table) => `${name} ${table}`))
  expect(mapped.sort()).toEqual(REFERENCE_TABLES.map(({ name, section }) => `${section} ${name}`).sort())
})

test('the reference POS is counted, and its chains are seen by the witness', async () => {
  await using till = await makeTestShop({ days: 5 })
  const home = mkdtempSync(join(tmpdir(), 'tillsafe-reference-'))
  try {
    await createShop(join(home, 'home'), {
      name: 'Reference',
      country: 'FR',
      timeZone: 'Europe/Paris',
      source: { engine: 'sqlite', database: till.databaseFile, images: till.imagesFolder },
      schemaMap: 'reference',
    })
    await using center = await BackupCenter.open(join(home, 'home'), { version: 'test' })
    const { label } = (await center.backUp().result).backup
    expect(label.problems).toEqual([])
    expect(label.counters).toMatchObject({ tickets: till.tickets })
    expect(label.chainHeads.filter((head) => head.chain === 'tickets').length).toBeGreaterThanOrEqual(2)
    expect(label.chainHeads.find((head) => head.chain === 'closures')?.perpetualTotal).toBeTypeOf('number')
    expect(label.fiscalPeriod?.from).toMatch(/^\d{4}-\d{2}-\d{2}/)

    const plan = await center.planRestore(label.id)
    await center.restore(plan, { confirm: plan.confirmation, reason: 'consultation' }).result
    expect(verifyShop(till.databaseFile, till.keyFile)).toEqual([])
  } finally {
    rmSync(home, { recursive: true })
  }
})
