import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, test } from 'vitest'
import type { Destination } from '../../destinations/destination.ts'
import { LocalDestination } from '../../destinations/local.ts'
import { MemoryDestination } from '../../destinations/memory.ts'
import { type SyntheticShop, syntheticShop } from '../../testing/synthetic-snapshot.ts'
import { testJob } from '../../testing/test-job.ts'
import { TemporaryFolder } from '../../work/temporary-folder.ts'
import { vaultUser } from '../../work/vault-user.ts'
import { storeChecks } from '../checks.ts'
import { VaultCare } from './care/vault-care.ts'
import { VaultStore, type VaultStoreOptions } from './vault-store.ts'

let folder: TemporaryFolder
let rooms = 0
beforeAll(async () => {
  folder = await TemporaryFolder.make(tmpdir(), 'tillsafe vault é ')
})
afterAll(async () => await folder[Symbol.asyncDispose]())

async function localDestination(): Promise<LocalDestination> {
  const path = folder.join(`place ${rooms++}`)
  await mkdir(path)
  return new LocalDestination({ path, owner: '0123456789abcdef0123456789abcdef' })
}

function optionsOf(destination: Destination, { signer, ...shop }: SyntheticShop, hints: string): VaultStoreOptions {
  return {
    destination,
    workspace: 'main',
    shop,
    signer,
    timeZone: 'Europe/Brussels',
    passwords: ['TILL-TEST'],
    user: vaultUser(),
    hints,
  }
}

describe.each([
  ['in memory', async () => new MemoryDestination()],
  ['in a local folder', localDestination],
])('a vault %s', (_, make: () => Promise<Destination>) => {
  test.each(storeChecks)('$name', async ({ run }) => {
    await run(async () => {
      const destination = await make()
      const hints = folder.join(`hints ${rooms++}`)
      return {
        destination,
        storeOf: (shop) => new VaultStore(optionsOf(destination, shop, hints)),
        prune: async () => {
          const care = new VaultCare(optionsOf(destination, syntheticShop(), hints))
          await care.prune({ maxUnusedShare: 0 }, testJob())
        },
      }
    })
  })
})
