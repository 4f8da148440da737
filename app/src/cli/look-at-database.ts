import { realpath, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type LookResult, lookAt } from '@tillsafe/engine'
import { type SourceSettings, TillsafeError } from '@tillsafe/engine/model'
import type { Frame } from './frame.ts'

/** Opens the database that somebody names, before anything is made for it. Errors as those of a snapshot. */
export async function lookAtDatabase(
  { database, images }: { database: string; images?: string },
  frame: Frame,
): Promise<{ source: SourceSettings; found: LookResult }> {
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
  return { source, found: await frame.watch((job) => lookAt(source.database, job)) }
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
