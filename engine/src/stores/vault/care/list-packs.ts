import type { Repository } from '../repository/repository.ts'

/** The packs that are there, with their bytes. One that goes while we look is left out. */
export async function listPacks({ files }: Repository): Promise<Map<string, number>> {
  const packs = new Map<string, number>()
  for await (const name of files.list('data')) {
    const bytes = await files.size('data', name)
    if (bytes !== undefined) {
      packs.set(name, bytes)
    }
  }
  return packs
}
