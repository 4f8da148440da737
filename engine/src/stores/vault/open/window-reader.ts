import { hasCode } from '../../has-code.ts'
import { putAt } from '../pool/put-at.ts'
import type { OpenedVault } from './opened-vault.ts'
import type { ReusedMemory } from './reused-memory.ts'
import { readsOf, type Window, type WindowRead } from './window-reads.ts'

/** Reads a stretch of a file into shared memory: as few reads of packs as its blobs allow, opened by the threads. */
export async function readWindow(
  vault: OpenedVault,
  window: Window,
  target: Uint8Array<SharedArrayBuffer>,
  memory: ReusedMemory<ArrayBuffer>,
): Promise<Uint8Array<SharedArrayBuffer>> {
  const reads = [...readsOf(vault.index.table('data'), window)]
  await Promise.all(reads.map(async (read) => await openRead(vault, read, target, memory)))
  return target
}

async function openRead(
  vault: OpenedVault,
  read: WindowRead,
  target: Uint8Array<SharedArrayBuffer>,
  memory: ReusedMemory<ArrayBuffer>,
): Promise<void> {
  const sealed = await readOnce(vault, read, memory)
  if (sealed === undefined) {
    await readElsewhere(vault, read, read.numbers.keys(), target)
    return
  }
  const { blobs, targets } = read
  const { damaged, returned } = await vault.workers.run({ kind: 'open', sealed, blobs, targets, target }, [
    sealed.buffer,
  ])
  memory.giveBack(returned)
  await readElsewhere(
    vault,
    read,
    damaged.map(({ blob }) => blob),
    target,
  )
}

/** Undefined when the pack is gone or too short: its blobs may lie elsewhere too. */
async function readOnce(
  { repository, index }: OpenedVault,
  { pack, start, end }: WindowRead,
  memory: ReusedMemory<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    const room = memory.take(end - start)
    return await repository.files.readRange('data', index.packName(pack), { start, end }, room)
  } catch (error) {
    if (hasCode(error, 'object.missing', 'vault.damaged')) {
      return undefined
    }
    throw error
  }
}

/** The other places of blobs of a read. Error: `vault.damaged` when none of them is whole. */
async function readElsewhere(
  { repository, index }: OpenedVault,
  { numbers, targets }: WindowRead,
  blobs: Iterable<number>,
  target: Uint8Array<SharedArrayBuffer>,
): Promise<void> {
  const into = Buffer.from(target.buffer, target.byteOffset, target.byteLength)
  for (const blob of blobs) {
    const plain = await repository.readBlob(index, 'data', index.table('data').at(numbers[blob] ?? 0).id)
    for (const [at, position] of targets.positions.entries()) {
      if (targets.blobs[at] === blob) {
        putAt(into, plain, position)
      }
    }
  }
}
