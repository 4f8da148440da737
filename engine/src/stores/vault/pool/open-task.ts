import type { BlobsOpener } from '../format/open-blobs.ts'
import { putAt } from './put-at.ts'
import type { BlobTargets, Opened, OpenTask } from './vault-task.ts'

/** Opens the blobs of a task into its target. */
export function openInto({ sealed, blobs, targets, target }: OpenTask, opener: BlobsOpener): Opened {
  const into = Buffer.from(target.buffer, target.byteOffset, target.byteLength)
  const damaged: { blob: number; why: string }[] = []
  let blob = 0
  let next = 0
  for (const plain of opener.open(sealed, blobs, (_, plainBytes) =>
    roomIn(into, targets, { blob, next }, plainBytes),
  )) {
    const first = next
    while (targets.blobs[next] === blob) {
      next += 1
    }
    if (plain instanceof Error) {
      damaged.push({ blob, why: plain.message })
    } else {
      putAll(into, plain, targets.positions.subarray(first, next))
    }
    blob += 1
  }
  return { damaged, returned: sealed.buffer }
}

/** The first place of a blob, when all of it belongs there. */
function roomIn(
  into: Buffer,
  { blobs, positions }: BlobTargets,
  { blob, next }: { readonly blob: number; readonly next: number },
  plainBytes: number,
): Buffer | undefined {
  const position = positions[next] ?? -1
  const isInside = blobs[next] === blob && position >= 0 && position + plainBytes <= into.byteLength
  return isInside ? into.subarray(position, position + plainBytes) : undefined
}

function putAll(into: Buffer, plain: Buffer, positions: Int32Array): void {
  for (const position of positions) {
    const isThere = plain.buffer === into.buffer && plain.byteOffset === into.byteOffset + position
    if (!isThere) {
      putAt(into, plain, position)
    }
  }
}
