import { realpath } from 'node:fs/promises'
import { dirname } from 'node:path'
import { TillsafeError } from '../model/index.ts'
import { once } from '../work/durable-files.ts'
import type { JobContext } from '../work/job-context.ts'
import { isIn } from './check-settings.ts'
import type { Desk } from './desk.ts'
import { type EmergencyKit, emergencyKit } from './emergency-kit.ts'
import { kitMark } from './kit-mark.ts'
import type { Shop } from './shop.ts'
import { type ExportedFile, requireFree, writeExport } from './write-export.ts'

/** Makes the bytes of a page from the facts of a kit. */
export type DrawKit = (kit: EmergencyKit) => Promise<Uint8Array>

/**
 * Writes the emergency kit into a new file that only its owner can read. That the key goes out is in the audit log before
 * it does; that a kit was made is remembered once the file has its name.
 */
export async function makeKit(output: string, draw: DrawKit, desk: Desk, job: JobContext): Promise<ExportedFile> {
  const { shop, clock, version, audit, state } = desk
  await requireFree(output)
  await requireAwayFromBackups(output, shop)
  audit.add({ act: 'recovery.shown', details: { to: output } })
  const page = await draw(emergencyKit(shop, version, clock.now()))
  const written = await writeExport(output, once(page), async () => undefined, desk, job)
  audit.add({ act: 'kit.made', details: { file: output, sha256: written.sha256 } })
  state.noteKit(kitMark(shop), 'made', clock.now())
  return written
}

/** The key beside what it opens is no lock: whoever finds the disk, or the copy of it in a cloud, has both. */
async function requireAwayFromBackups(output: string, shop: Shop): Promise<void> {
  const folder = await realpath(dirname(output))
  for (const { name, path } of shop.settings.destinations) {
    if (isIn(folder, await realpath(path).catch(() => path))) {
      throw new TillsafeError('usage.invalid', `${output} lies in the destination ${name}, beside the backups`, {
        hint: 'Whoever finds the key beside the backups can read them. Write the kit elsewhere, print it, delete the file.',
      })
    }
  }
}
