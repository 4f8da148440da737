import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { needs } from '../../tools/needs.ts'
import { runVaultCampaign } from './run-vault-campaign.ts'

const folder = mkdtempSync(join(tmpdir(), 'tillsafe-vaults-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe.skipIf(needs('restic'))('a vault that was damaged', { timeout: 180_000 }, () => {
  test('gives back what is not hurt, names what is, and takes a whole backup or none: 60 mutants', async () => {
    const results = await runVaultCampaign({ folder, count: 60, seed: 20261121, checkEvery: 15 })
    const failures = results.filter(({ problems }) => problems.length > 0)
    expect(
      failures.map(({ number, vault, target, mutation, problems }) => [number, vault, target, mutation, ...problems]),
    ).toEqual([])
    expect([...new Set(results.map(({ outcome }) => outcome))].sort()).toEqual(['named', 'refused', 'whole'])
    expect(results.filter(({ save }) => save === 'saved').length).toBeGreaterThan(15)
    const checks = results.flatMap((result) => (result.checks === undefined ? [] : [result.checks]))
    expect(checks).toHaveLength(3)
    expect(checks.filter(({ ours, restic }) => ours === 'sound' && restic !== 'sound')).toEqual([])
  })
})
