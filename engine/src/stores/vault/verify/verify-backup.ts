import type { Label } from '../../../model/index.ts'
import type { Content } from '../../../snapshot/content.ts'
import type { Entry } from '../../../snapshot/entry.ts'
import type { JobContext } from '../../../work/job-context.ts'
import { sha256Of } from '../../../work/sha256.ts'
import { hasCode } from '../../has-code.ts'
import { ImagesList, type ListedImage } from '../../images-list.ts'
import { Meter } from '../../meter.ts'
import type { TreeNode } from '../format/tree.ts'
import { backupEntries } from '../open/open-backup.ts'
import type { OpenedVault } from '../open/opened-vault.ts'
import { verifyPacks } from './verify-packs.ts'

/** Reads every byte of a backup. The sentences say what does not fit; none means that it is whole. */
export async function verifyBackup(
  vault: OpenedVault,
  label: Label,
  { root, nodes }: { readonly root: Buffer; readonly nodes: readonly TreeNode[] },
  job: JobContext,
): Promise<readonly string[]> {
  return [...(await verifyEntries(vault, label, nodes, job)), ...(await verifyPacks(vault, root, job))]
}

async function verifyEntries(
  vault: OpenedVault,
  label: Label,
  nodes: readonly TreeNode[],
  job: JobContext,
): Promise<readonly string[]> {
  const meter = new Meter(job, 'check', label.database.bytes + (label.images?.bytes ?? 0))
  const problems: string[] = []
  const images = new ImagesList()
  try {
    for await (const entry of backupEntries(vault, label, nodes, job)) {
      const sha256 = await hashOf(entry, meter, problems)
      if (entry.part === 'database' && sha256 !== undefined && sha256 !== label.database.sha256) {
        problems.push('the database is not what was saved')
      }
      if (entry.part === 'images') {
        images.add(listedImage(entry, sha256 ?? ''))
      }
    }
  } catch (error) {
    problems.push(sentenceOf(error))
  }
  if (problems.length === 0 && images.finish()?.list !== label.images?.list) {
    problems.push('the images are not those that were saved')
  }
  return problems
}

function listedImage({ path, bytes, modifiedMs }: Entry, sha256: string): ListedImage {
  return { path, bytes, sha256, ...(modifiedMs === undefined ? {} : { modifiedMs }) }
}

async function hashOf(content: Content, meter: Meter, problems: string[]): Promise<string | undefined> {
  try {
    return (await sha256Of(meter.pass(await content.open()))).sha256
  } catch (error) {
    problems.push(sentenceOf(error))
    return undefined
  }
}

/** Damage becomes a sentence, and so does a place on the disk that can't be read; a missing disk stays an error. */
function sentenceOf(error: unknown): string {
  if (hasCode(error, 'backup.damaged', 'vault.damaged', 'destination.failed', 'destination.denied')) {
    return error.message
  }
  throw error
}
