import { realpath, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type LookResult, lookAt, type NewDatabaseKey, systemClock } from '@tillsafe/engine'
import { type SourceSettings, TillsafeError } from '@tillsafe/engine/model'
import type { Frame } from './frame.ts'
import { readSecretFile } from './read-secret-file.ts'

/** A database as options name it; the file holds the key of an encrypted one. */
export interface NamedDatabase {
  readonly database: string
  readonly images?: string
  readonly databaseKeyFile?: string
}

/** What was found there, and the key that has opened it. */
export interface LookedAt {
  readonly source: SourceSettings
  readonly databaseKey?: NewDatabaseKey
  readonly found: LookResult
}

export const DATABASE_KEY_OPTION = [
  '--database-key-file <file>',
  "a file whose first line is the database's SQLCipher key",
] as const

/** Opens the database that somebody names, before anything is made for it. Errors as those of a snapshot. */
export async function lookAtDatabase(
  { database, images, databaseKeyFile }: NamedDatabase,
  frame: Frame,
): Promise<LookedAt> {
  if (/^postgres(ql)?:/.test(database)) {
    throw new TillsafeError('usage.invalid', 'this version backs up SQLite databases only', {
      hint: 'Name the file of a SQLite database.',
    })
  }
  const source = {
    engine: 'sqlite' as const,
    database: await realPath(database),
    ...(images === undefined ? {} : { images: await realPath(images) }),
  }
  await requireFolder(source.images)
  const key = databaseKeyFile === undefined ? undefined : await readSecretFile(databaseKeyFile)
  return { source, ...(await openDatabase(source.database, key, frame)) }
}

/** Opens a database with the key that it is said to have, and finds out its format. */
export async function openDatabase(
  file: string,
  key: string | undefined,
  frame: Frame,
): Promise<Omit<LookedAt, 'source'>> {
  const found = await frame.watch((job) => lookAt(file, job, key === undefined ? undefined : [{ key }]))
  return key === undefined || found.encryption === 'none'
    ? { found }
    : { found, databaseKey: { key, format: found.encryption === 'sqlcipher-3' ? 3 : 4, since: systemClock.now() } }
}

/** Links are followed once, now: the WAL lies beside the real file, and a restore replaces that one. */
async function realPath(path: string): Promise<string> {
  return realpath(path).catch(() => resolve(path))
}

async function requireFolder(images: string | undefined): Promise<void> {
  const isFolder = images === undefined || (await stat(images).catch(() => undefined))?.isDirectory()
  if (!isFolder) {
    throw new TillsafeError('source.missing', `the images folder ${images} is not there`, {
      hint: 'Check the path of the images folder.',
    })
  }
}
