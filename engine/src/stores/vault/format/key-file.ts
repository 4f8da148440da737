import { randomBytes, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { hasShape, VaultKeyFile, VaultMasterKey } from '../../../model/index.ts'
import { goTime } from './go-text.ts'
import { SealBroken, Sealer, type VaultKey } from './seal.ts'

/** Who made a key: shown by `restic key list`. */
export interface KeyMaker {
  readonly hostname: string
  readonly username: string
}

/**
 * How hard a password is to guess. `random` is a key of ours with 160 random bits: nobody guesses it, so that it may open
 * in a moment. A `phrase` is one that a person thought of.
 */
export type PasswordKind = 'random' | 'phrase'

const PASSES: Readonly<Record<PasswordKind, number>> = { random: 1, phrase: 8 }
const COST = { N: 32_768, r: 8 }
const SALT_BYTES = 64
/** More is not computed: such a file is damaged, or made to keep us busy. restic aims at 60 MB and half a second. */
const MEMORY_BYTES = 256 * 1024 * 1024
/** Of N · r · p: some ten seconds. */
const MOST_WORK = 128 * COST.N * COST.r

/** A key file: opens with the password, and gives the key of the vault. Source: restic, Design, "Keys". */
export async function encodeKeyFile(
  key: VaultKey,
  password: string,
  kind: PasswordKind,
  { hostname, username }: KeyMaker,
  nowMs: number,
): Promise<Buffer> {
  const cost = { ...COST, p: PASSES[kind] }
  const salt = randomBytes(SALT_BYTES)
  const master: VaultMasterKey = {
    mac: { k: key.macK.toString('base64'), r: key.macR.toString('base64') },
    encrypt: key.encrypt.toString('base64'),
  }
  const data = new Sealer(await deriveKey(password, salt, cost)).seal(Buffer.from(JSON.stringify(master)))
  const file: VaultKeyFile = {
    created: goTime(nowMs),
    username,
    hostname,
    kdf: 'scrypt',
    ...cost,
    salt: salt.toString('base64'),
    data: data.toString('base64'),
  }
  return Buffer.from(JSON.stringify(file))
}

/** What a key file says; undefined when it is none. */
export function decodeKeyFile(bytes: Uint8Array): VaultKeyFile | undefined {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return hasShape(VaultKeyFile, parsed) && isAffordable(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

/** N is a power of two: the function takes no other. */
function isAffordable({ N, r, p }: VaultKeyFile): boolean {
  return Number.isInteger(Math.log2(N)) && 128 * N * r <= MEMORY_BYTES && N * r * p <= MOST_WORK
}

/** The key of the vault; undefined when the password does not open this file. */
export async function openKeyFile(file: VaultKeyFile, password: string): Promise<VaultKey | undefined> {
  const sealer = new Sealer(await deriveKey(password, Buffer.from(file.salt, 'base64'), file))
  try {
    const master: unknown = JSON.parse(sealer.unseal(Buffer.from(file.data, 'base64')).toString())
    return hasShape(VaultMasterKey, master) ? keyOf(master) : undefined
  } catch (error) {
    if (error instanceof SealBroken || error instanceof SyntaxError) {
      return undefined
    }
    throw error
  }
}

/** A new key for a new vault. */
export function newVaultKey(): VaultKey {
  return { encrypt: randomBytes(32), macK: randomBytes(16), macR: clamped(randomBytes(16)) }
}

function keyOf({ mac, encrypt }: VaultMasterKey): VaultKey | undefined {
  const key = {
    encrypt: Buffer.from(encrypt, 'base64'),
    macK: Buffer.from(mac.k, 'base64'),
    macR: Buffer.from(mac.r, 'base64'),
  }
  const fits = key.encrypt.byteLength === 32 && key.macK.byteLength === 16 && key.macR.byteLength === 16
  return fits ? key : undefined
}

const scryptOnThread = promisify<string, Buffer, number, object, Buffer>(scrypt)

async function deriveKey(
  password: string,
  salt: Buffer,
  { N, r, p }: { readonly N: number; readonly r: number; readonly p: number },
): Promise<VaultKey> {
  const derived = await scryptOnThread(password, salt, 64, { N, r, p, maxmem: 2 * MEMORY_BYTES })
  return { encrypt: derived.subarray(0, 32), macK: derived.subarray(32, 48), macR: derived.subarray(48, 64) }
}

/** Poly1305 ignores these bits of `r`; restic stores them as zero. Source: RFC 8439, 2.5. */
function clamped(r: Buffer): Buffer {
  for (const index of [3, 7, 11, 15]) {
    r[index] = (r[index] ?? 0) & 15
  }
  for (const index of [4, 8, 12]) {
    r[index] = (r[index] ?? 0) & 252
  }
  return r
}
