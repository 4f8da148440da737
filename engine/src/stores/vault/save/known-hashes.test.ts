import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { MemoryDestination } from '../../../destinations/memory.ts'
import type { Entry } from '../../../snapshot/entry.ts'
import { type DatabaseHashes, hashDatabase } from '../../../snapshot/pages/hash-database.ts'
import { collect } from '../../../testing/collect.ts'
import {
  entriesOf,
  syntheticBytes,
  syntheticHeading,
  syntheticShop,
  syntheticSnapshot,
} from '../../../testing/synthetic-snapshot.ts'
import { testJob } from '../../../testing/test-job.ts'
import { vaultUser } from '../../../work/vault-user.ts'
import { VaultStore } from '../vault-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'tillsafe hashes é '))
afterAll(() => rmSync(folder, { recursive: true }))
const { signer, ...shop } = syntheticShop()
const PAGE = 4096

type KnownHashes = NonNullable<Entry['hashes']>

/** What came with the second of two databases, the second with one page changed. */
const second = Buffer.concat([syntheticBytes(100 * PAGE, 'a'), syntheticBytes(PAGE, 'b')])
const whole = await hashesOf(second, PAGE)

test.each<[string, KnownHashes['map'], number]>([
  ['that is there', async () => whole.map, 256 * 1024],
  ['that is lost', async () => undefined, second.byteLength + 256 * 1024],
  ['of pages of another size', async () => (await hashesOf(second, 8192)).map, second.byteLength + 256 * 1024],
  [
    'of a database of another length',
    async () => (await hashesOf(second.subarray(0, 90 * PAGE), PAGE)).map,
    second.byteLength + 256 * 1024,
  ],
])('with a map %s, the backup is the database; only what is needed is read', async (_, map, mostRead) => {
  const { store, save } = await vaultWithFirst()
  const read = await save(2, { sha256: whole.sha256, map })
  expect(read).toBeLessThanOrEqual(mostRead)
  expect((await databaseIn(store, 2)).equals(second)).toBe(true)
  expect(await store.verify(idOf(2), testJob())).toEqual([])
})

test('a database with the SHA-256 of the last one is not read, and its map is not asked for', async () => {
  const { store, save } = await vaultWithFirst()
  await save(2, { sha256: whole.sha256, map: async () => whole.map })
  const map = async (): Promise<never> => {
    throw new Error('the map was asked for')
  }
  expect(await save(3, { sha256: whole.sha256, map })).toBe(0)
  expect((await databaseIn(store, 3)).equals(second)).toBe(true)
  expect(await store.verify(idOf(3), testJob())).toEqual([])
})

test.each<[string, KnownHashes]>([
  ['of other pages', { ...whole, map: async () => (await hashesOf(syntheticBytes(second.byteLength, 'c'), PAGE)).map }],
  ['with another SHA-256', { sha256: 'ab'.repeat(32), map: async () => whole.map }],
])('with hashes %s nothing is saved', async (_, hashes) => {
  const { store, save } = await vaultWithFirst()
  await expect(save(2, hashes)).rejects.toMatchObject({ code: 'backup.damaged' })
  expect(await collect(store.list())).toHaveLength(1)
  expect(await store.verify(idOf(1), testJob())).toEqual([])
})

/** A vault with a backup of the first database. `save` adds one of the second, and gives how many bytes of it were read. */
async function vaultWithFirst(): Promise<{
  store: VaultStore
  save: (sequence: number, hashes: KnownHashes) => Promise<number>
}> {
  const store = new VaultStore({
    destination: new MemoryDestination(),
    workspace: 'main',
    shop,
    signer,
    timeZone: 'Europe/Brussels',
    passwords: ['TILL-TEST'],
    user: vaultUser(),
    hints: mkdtempSync(join(folder, 'hints ')),
  })
  const first = { database: syntheticBytes(101 * PAGE, 'a') }
  await store.save(syntheticSnapshot(syntheticHeading({ ...shop, signer }, 1), first), testJob())
  return {
    store,
    async save(sequence, hashes) {
      let read = 0
      const [plain] = await collect(entriesOf({ database: second }))
      const entry: Entry = {
        ...(plain as Entry),
        hashes,
        async open(range) {
          read += range === undefined ? second.byteLength : range.end - range.start
          return await (plain as Entry).open(range)
        },
      }
      const entries = async function* (): AsyncIterable<Entry> {
        yield entry
      }
      const heading = syntheticHeading({ ...shop, signer }, sequence)
      await store.save(syntheticSnapshot(heading, { database: second }, { entries }), testJob())
      return read
    },
  }
}

function idOf(sequence: number): string {
  return syntheticHeading({ ...shop, signer }, sequence).id
}

async function hashesOf(bytes: Buffer, pageBytes: number): Promise<DatabaseHashes> {
  const [entry] = await collect(entriesOf({ database: bytes }))
  return await hashDatabase(entry as Entry, pageBytes, new AbortController().signal)
}

async function databaseIn(store: VaultStore, sequence: number): Promise<Buffer> {
  await using snapshot = await store.open(idOf(sequence), testJob())
  for await (const entry of snapshot.entries()) {
    const chunks: Buffer[] = []
    for await (const chunk of await entry.open()) {
      chunks.push(Buffer.from(chunk))
    }
    return Buffer.concat(chunks)
  }
  throw new Error('the backup has no database')
}
