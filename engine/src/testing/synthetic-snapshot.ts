import { createHash, generateKeyPairSync } from 'node:crypto'
import type { Facts, Heading, ShopMark } from '../model/index.ts'
import { bytesContent } from '../snapshot/bytes-content.ts'
import type { Entry } from '../snapshot/entry.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { sha256OfBytes } from '../work/sha256.ts'
import { ed25519Signer, type Signer } from '../work/signer.ts'

/** A shop that exists in a test only. */
export interface SyntheticShop extends ShopMark {
  readonly signer: Signer
}

/** The files of a synthetic snapshot; images by their path. */
export interface SyntheticFiles {
  readonly database: Uint8Array
  readonly images?: Readonly<Record<string, Uint8Array>>
}

/** A shop with keys of its own. */
export function syntheticShop(name: string = 'Café de l’Été'): SyntheticShop {
  const { privateKey } = generateKeyPairSync('ed25519')
  const signer = ed25519Signer(privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'))
  return { id: syntheticId(signer.publicKey), name, publicKey: signer.publicKey, signer }
}

/** An id that follows from a text. */
export function syntheticId(text: string): string {
  return sha256OfBytes(text).slice(0, 32)
}

/** Bytes that look random and follow from a seed. */
export function syntheticBytes(bytes: number, seed: string): Buffer {
  return createHash('shake256', { outputLength: Math.max(bytes, 1) })
    .update(seed)
    .digest()
    .subarray(0, bytes)
}

/** The heading of the `sequence`-th backup of a shop, one a minute. */
export function syntheticHeading(
  shop: ShopMark | SyntheticShop,
  sequence: number,
  changes: Partial<Heading> = {},
): Heading {
  return {
    id: syntheticId(`${shop.id} ${sequence}`),
    sequence,
    shop: { id: shop.id, name: shop.name, publicKey: shop.publicKey },
    workspace: { id: 'main', name: 'Main shop', kind: 'business' },
    takenAt: new Date(Date.UTC(2026, 10, 21, 10, sequence)).toISOString(),
    trigger: 'manual',
    origin: 'manual',
    tiers: ['manual'],
    tillsafeVersion: '0.1.0',
    ...changes,
  }
}

/** Facts that fit a database of these bytes, which need not be a database at all. */
export function syntheticFacts(database: Uint8Array): Facts {
  const fingerprint = {
    pageSize: 4096,
    pages: Math.ceil(database.byteLength / 4096),
    encoding: 'UTF-8',
    applicationId: 0,
    userVersion: 7,
    schemaVersion: 42,
    tables: [{ name: 'ticket', rows: database.byteLength }],
  }
  return {
    database: {
      engine: 'sqlite',
      bytes: database.byteLength,
      sha256: sha256OfBytes(database),
      fingerprint,
      condition: 'sound',
      encryption: 'none',
    },
    sections: [{ name: 'sales', rows: database.byteLength }],
    counters: { tickets: database.byteLength },
    chainHeads: [],
    problems: [],
  }
}

/** A snapshot of given files. `changes` replaces any of its verbs, so that a test can break one. */
export function syntheticSnapshot(heading: Heading, files: SyntheticFiles, changes: Partial<Snapshot> = {}): Snapshot {
  return {
    heading,
    entries: () => entriesOf(files),
    facts: async () => syntheticFacts(files.database),
    [Symbol.asyncDispose]: async () => undefined,
    ...changes,
  }
}

/** The entries of given files: the database first, then the images in order of path. */
export async function* entriesOf({ database, images = {} }: SyntheticFiles): AsyncIterable<Entry> {
  yield { path: 'database.db', part: 'database', pageSize: 4096, ...bytesContent(database) }
  for (const [path, bytes] of Object.entries(images).sort(([a], [b]) => (a < b ? -1 : 1))) {
    yield { path, part: 'images', modifiedMs: 1_763_700_000_000, ...bytesContent(bytes) }
  }
}
