import { throwIfCancelled } from '../../../work/cancel.ts'
import type { JobContext } from '../../../work/job-context.ts'
import { hasCode } from '../../has-code.ts'
import { PackContents } from '../care/pack-contents.ts'
import { isSame } from '../care/read-pack.ts'
import { TreeGraph } from '../care/tree-graph.ts'
import { ID_BYTES } from '../format/blob-id.ts'
import type { OpenedVault } from '../open/opened-vault.ts'
import { readHeader } from '../repository/read-header.ts'
import { PackGroups } from './pack-groups.ts'

/**
 * Looks at the packs that a backup refers to: whether each has the size and the header that the index speaks of. What lies
 * outside of the blobs matters to who repairs the vault some day. Of blobs that lie in several packs one of them is enough.
 * The sentences say what does not fit.
 */
export async function verifyPacks(
  vault: OpenedVault,
  root: Buffer,
  { signal }: JobContext,
): Promise<readonly string[]> {
  const contents = new PackContents(vault.index)
  const known = new Map<string, string | undefined>()
  const problems = new Set<string>()
  for (const packs of await packsOf(vault, root, signal)) {
    const found: string[] = []
    for (const pack of packs) {
      throwIfCancelled(signal)
      const problem = known.has(pack) ? known.get(pack) : await problemOf(vault, contents, pack)
      known.set(pack, problem)
      if (problem === undefined) {
        break
      }
      found.push(`pack ${pack}: ${problem}`)
    }
    if (found.length === packs.length) {
      problems.add(found[0] ?? '')
    }
  }
  return [...problems]
}

/** The packs that hold the same blobs of a backup, for all of its blobs. Damage of a tree is left to who reads the backup. */
async function packsOf(
  { repository, index }: OpenedVault,
  root: Buffer,
  signal: AbortSignal,
): Promise<Iterable<readonly string[]>> {
  const groups = new PackGroups(index)
  await new TreeGraph().visit(repository, index, [root], signal, ({ id, read }) => {
    groups.add('tree', id, 0)
    for (const node of Array.isArray(read) ? read : []) {
      if (node.kind === 'file') {
        for (let at = 0; at < node.content.byteLength; at += ID_BYTES) {
          groups.add('data', node.content, at)
        }
      }
    }
  })
  return groups.all()
}

async function problemOf(
  { repository }: OpenedVault,
  contents: PackContents,
  pack: string,
): Promise<string | undefined> {
  const number = contents.numberOf(pack) ?? -1
  const expected = contents.bytesOf(number)
  const bytes = await repository.files.size('data', pack)
  if (bytes !== expected) {
    return bytes === undefined ? 'it is missing' : `it has ${bytes} bytes, not ${expected}`
  }
  try {
    const header = await readHeader(repository, pack, bytes)
    return isSame(header, contents.blobsOf(number)) ? undefined : 'its header and the index differ'
  } catch (error) {
    if (hasCode(error, 'vault.damaged', 'object.missing', 'destination.failed')) {
      return error.message
    }
    throw error
  }
}
