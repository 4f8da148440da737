import canonicalize from 'canonicalize'
import type { Destination, Key } from '../destinations/destination.ts'
import { type Clock, type DestinationSettings, type Recovery, TillsafeError } from '../model/index.ts'
import { bytesContent, readAll } from '../snapshot/bytes-content.ts'
import { sealed } from '../work/age/seal.ts'
import { once } from '../work/durable-files.ts'
import { sha256OfBytes } from '../work/sha256.ts'
import { findRecoveries, openRecovery, type RecoveryFile, recoveryNames } from './find-recoveries.ts'
import type { Shop } from './shop.ts'

/** What of a shop goes into its recovery files, and how their places are reached. */
export type RecoverableShop = Pick<Shop, 'identity' | 'settings' | 'secrets' | 'destination'>

/** A recovery file that is up to date. */
export interface KeptRecovery {
  readonly key: Key
  readonly bytes: number
  /** Whether it had to be written now. */
  readonly isNew: boolean
}

/**
 * Brings the recovery file of a destination up to date: the new one is written, read back and opened before an older one
 * goes, so that at every moment one is there that opens. Files that the shop's key doesn't open are left alone.
 */
export async function bringRecovery(
  shop: RecoverableShop,
  settings: DestinationSettings,
  clock: Clock,
): Promise<KeptRecovery> {
  const destination = shop.destination(settings)
  const found = await findRecoveries(destination, shop.secrets.recoveryKey)
  const own = found.opened.filter(({ recovery }) => recovery.identity.id === shop.identity.id)
  const newest = own[0]
  const isCurrent = newest !== undefined && digest(newest.recovery, shop) === recoveryDigest(shop, settings)
  const kept = isCurrent ? newest : await write(recoveryOf(shop, settings, after(newest, clock)), destination, shop)
  for (const file of own) {
    if (isSuperseded(file, kept)) {
      await destination.remove(file.key)
    }
  }
  return { key: kept.key, bytes: kept.bytes, isNew: !isCurrent }
}

/** Tells whether a recovery file is up to date. The private key is in what is hashed, so the hash tells nobody anything. */
export function recoveryDigest(shop: RecoverableShop, settings: DestinationSettings): string {
  return digest(recoveryOf(shop, settings, ''), shop)
}

function recoveryOf(
  { identity, settings, secrets }: RecoverableShop,
  { name }: DestinationSettings,
  writtenAt: string,
): Recovery {
  const { databaseKeys } = secrets
  return { kind: 'tillsafe.recovery', version: 1, writtenAt, destination: name, identity, settings, databaseKeys }
}

function digest(recovery: Recovery, { secrets }: RecoverableShop): string {
  return sha256OfBytes(`${canonicalize({ ...recovery, writtenAt: '' })}\n${secrets.recoveryKey}`)
}

/** Now, but never before what is there: `adopt` takes the newest, and clocks are set back. */
function after(newest: RecoveryFile | undefined, clock: Clock): string {
  const now = clock.now()
  const last = newest?.recovery.writtenAt ?? ''
  return last < now ? now : new Date(Date.parse(last) + 1).toISOString()
}

async function write(recovery: Recovery, destination: Destination, shop: RecoverableShop): Promise<RecoveryFile> {
  const { recoveryKey } = shop.secrets
  const text = Buffer.from(`${JSON.stringify(recovery, null, 2)}\n`)
  const bytes = await readAll(sealed(once(text), { kind: 'passphrase', passphrase: recoveryKey }))
  const key = await writeUnderFreeName(bytes, destination)
  try {
    const written = await openRecovery(destination, key, recoveryKey)
    if (digest(written.recovery, shop) === digest(recovery, shop)) {
      return written
    }
  } catch (cause) {
    await destination.remove(key).catch(() => undefined)
    throw notReadBack(key, cause)
  }
  throw notReadBack(key, undefined)
}

function notReadBack(key: Key, cause: unknown): TillsafeError {
  return new TillsafeError('destination.failed', `${key} was written and could not be read back`, { cause })
}

/** `recovery.age`, `recovery_2.age`, … : the first that is free. */
async function writeUnderFreeName(bytes: Uint8Array, destination: Destination): Promise<Key> {
  const taken = await recoveryNames(destination)
  for (let number = 1; ; number++) {
    const key = number === 1 ? 'recovery.age' : `recovery_${number}.age`
    if (taken.includes(key)) {
      continue
    }
    try {
      await destination.write(key, bytesContent(bytes))
      return key
    } catch (error) {
      if (!(error instanceof TillsafeError && error.code === 'destination.name-taken')) {
        throw error
      }
    }
  }
}

/** An older one that knows no key of a database that the newer one lacks: such keys may exist nowhere else. */
function isSuperseded(older: RecoveryFile, newer: RecoveryFile): boolean {
  return (
    older.recovery.writtenAt < newer.recovery.writtenAt &&
    Object.entries(older.recovery.databaseKeys).every(([name, keys]) =>
      keys.every(({ key }) => newer.recovery.databaseKeys[name]?.some((known) => known.key === key)),
    )
  )
}
