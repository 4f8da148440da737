import { randomBytes } from 'node:crypto'
import { hasShape, TillsafeError, VaultConfig, type VaultKeyFile } from '../../../model/index.ts'
import { bytesContent } from '../../../snapshot/bytes-content.ts'
import { hasCode } from '../../has-code.ts'
import { newPolynomial, polynomialToHex } from '../chunk/polynomial.ts'
import {
  decodeKeyFile,
  encodeKeyFile,
  type KeyMaker,
  newVaultKey,
  openKeyFile,
  type PasswordKind,
} from '../format/key-file.ts'
import { SealBroken, Sealer, type VaultKey } from '../format/seal.ts'
import { sealFile, unsealFile } from '../format/unpacked-file.ts'
import { Repository } from './repository.ts'
import type { VaultFiles } from './vault-files.ts'

/** A password for a new key. */
export interface NewPassword {
  readonly password: string
  readonly kind: PasswordKind
  readonly maker: KeyMaker
}

/** The version of restic's format that is written; version 1 is read. */
const FORMAT = 2

/**
 * Makes a new repository. `config` is written last: it makes the repository exist. The key of one that was never finished is
 * used again: stock restic believes the first key that its password opens. Error: `destination.name-taken`.
 */
export async function createRepository(files: VaultFiles, first: NewPassword, nowMs: number): Promise<Repository> {
  const { password, kind, maker } = first
  const [left] = await Array.fromAsync(openedKeys((await readKeys(files)).whole, [password]))
  const key = left?.key ?? newVaultKey()
  const config: VaultConfig = {
    version: FORMAT,
    id: randomBytes(32).toString('hex'),
    chunker_polynomial: polynomialToHex(newPolynomial((count) => randomBytes(count))),
  }
  const name = left?.name ?? (await files.write('keys', await encodeKeyFile(key, password, kind, maker, nowMs)))
  const sealed = sealFile(Buffer.from(JSON.stringify(config)), new Sealer(key), false)
  try {
    await files.destination.write(files.configKey, bytesContent(sealed))
  } catch (error) {
    if (hasCode(error, 'destination.name-taken')) {
      await removeUnfit(files, { key, name }).catch(() => undefined)
    }
    throw error
  }
  return new Repository(files, config, key, name)
}

/**
 * Opens a repository with the first of its keys that one of these passwords opens and that fits it. Errors: `vault.missing`,
 * `key.wrong`, `vault.damaged`, `vault.newer`.
 */
export async function openRepository(files: VaultFiles, passwords: readonly string[]): Promise<Repository> {
  const sealed = await readConfig(files)
  const found = await readKeys(files)
  let opened = 0
  for await (const { key, name } of openedKeys(found.whole, passwords)) {
    opened += 1
    const config = parseConfig(sealed, key)
    if (config !== undefined) {
      return new Repository(files, requireConfig(config), key, name)
    }
  }
  throw opened > 0 ? damagedConfig() : noKey(files, found)
}

async function readConfig(files: VaultFiles): Promise<Buffer> {
  try {
    return await files.readConfig()
  } catch (error) {
    if (!hasCode(error, 'object.missing')) {
      throw error
    }
    // A new vault in its place would have another key, and its backups could never be read again.
    throw (await holdsAnything(files))
      ? new TillsafeError('vault.damaged', `the vault in ${files.root} has lost its config`, {
          cause: error,
          hint: CONFIG_HINT,
        })
      : new TillsafeError('vault.missing', `there is no vault in ${files.root}`, { cause: error })
  }
}

const CONFIG_HINT = 'Put the file `config` back from another copy of this vault.'

async function holdsAnything(files: VaultFiles): Promise<boolean> {
  for (const folder of ['snapshots', 'index', 'data'] as const) {
    for await (const _ of files.list(folder)) {
      return true
    }
  }
  return false
}

interface OpenedKey {
  readonly key: VaultKey
  /** The name of its file. */
  readonly name: string
}

interface FoundKeys {
  readonly whole: readonly { readonly name: string; readonly file: VaultKeyFile }[]
  /** Names of those that can't be read. */
  readonly damaged: readonly string[]
}

async function readKeys(files: VaultFiles): Promise<FoundKeys> {
  const whole: { name: string; file: VaultKeyFile }[] = []
  const damaged: string[] = []
  for await (const name of files.list('keys')) {
    const file = await readKeyFile(files, name)
    if (file === undefined) {
      damaged.push(name)
    } else {
      whole.push({ name, file })
    }
  }
  return { whole, damaged }
}

async function* openedKeys(whole: FoundKeys['whole'], passwords: readonly string[]): AsyncIterable<OpenedKey> {
  for (const { name, file } of whole) {
    for (const password of passwords) {
      const key = await openKeyFile(file, password)
      if (key !== undefined) {
        yield { key, name }
      }
    }
  }
}

/** Removes a key that does not open the config which somebody else has written. */
async function removeUnfit(files: VaultFiles, { key, name }: OpenedKey): Promise<void> {
  if (parseConfig(await readConfig(files), key) === undefined) {
    await files.remove('keys', name)
  }
}

function noKey(files: VaultFiles, { whole, damaged }: FoundKeys): TillsafeError {
  if (damaged.length > 0 || whole.length === 0) {
    const which =
      damaged.length > 0
        ? `the key files ${damaged.join(', ')} of ${files.root} are damaged`
        : `${files.root} has no key files`
    return new TillsafeError('vault.damaged', which, {
      hint: 'Put the folder keys/ back from another copy of this vault: without a key nothing in it can be read.',
    })
  }
  return new TillsafeError('key.wrong', `no key of the vault in ${files.root} opens with what this shop has`, {
    hint: 'It is the vault of another shop, or its passwords were changed. Give the right one with --password-file.',
  })
}

/** A key file; undefined when it is damaged or gone. */
export async function readKeyFile(files: VaultFiles, name: string): Promise<VaultKeyFile | undefined> {
  try {
    return decodeKeyFile(await files.read('keys', name))
  } catch (error) {
    if (hasCode(error, 'vault.damaged', 'object.missing')) {
      return undefined
    }
    throw error
  }
}

function requireConfig(config: unknown): VaultConfig {
  if (!hasShape(VaultConfig, config)) {
    throw damagedConfig()
  }
  if (config.version > FORMAT) {
    throw new TillsafeError('vault.newer', `the vault has format ${config.version}, newer than ${FORMAT}`)
  }
  return config
}

function damagedConfig(): TillsafeError {
  return new TillsafeError('vault.damaged', 'the config of the vault is damaged', { hint: CONFIG_HINT })
}

/** Undefined when it is damaged, or sealed with another key. */
function parseConfig(sealed: Buffer, key: VaultKey): unknown {
  try {
    return JSON.parse(unsealFile(sealed, new Sealer(key)).toString())
  } catch (error) {
    if (error instanceof SealBroken || error instanceof SyntaxError) {
      return undefined
    }
    throw error
  }
}
