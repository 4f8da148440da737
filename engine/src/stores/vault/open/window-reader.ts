import { hasCode } from '../../has-code.ts'
import { putAt } from '../pool/put-at.ts'
import type { BlobToOpen } from '../pool/vault-task.ts'
import type { VaultWorkers } from '../pool/vault-workers.ts'
import type { BlobIndex, BlobPlace } from '../repository/blob-index.ts'
import type { Repository } from '../repository/repository.ts'
import type { ContentBlob } from './content-blobs.ts'

/** Blobs that lie so near to each other in a pack are read in one go. */
const GAP_BYTES = 64 * 1024
/** What is read of a pack at once. */
const READ_BYTES = 4 * 1024 * 1024

/** A stretch of a file, and the blobs that hold it. */
export interface Window {
  readonly start: number
  readonly bytes: number
  readonly blobs: readonly ContentBlob[]
}

/** Reads a stretch of a file into shared memory: as few reads of packs as its blobs allow, opened by the threads. */
export async function readWindow(
  { repository, index, workers }: { repository: Repository; index: BlobIndex; workers: VaultWorkers },
  window: Window,
  target: Uint8Array<SharedArrayBuffer>,
): Promise<Uint8Array> {
  const wanted = new Map<string, WantedBlob>()
  for (const { place, start } of window.blobs) {
    const key = `${place.pack}${place.blob.offset}`
    const known = wanted.get(key)
    if (known === undefined) {
      wanted.set(key, { place, targets: [start - window.start] })
    } else {
      known.targets.push(start - window.start)
    }
  }
  await Promise.all(
    readsOf([...wanted.values()]).map(async (read) => {
      const bytes = await readOnce(repository, read)
      const blobs = read.map(({ place: { blob }, targets }): BlobToOpen => {
        const { id, length, uncompressedLength } = blob
        return { id, length, uncompressedLength, offset: blob.offset - startOf(read), targets }
      })
      const failed =
        bytes === undefined
          ? read.map((_, blob) => ({ blob }))
          : (await workers.run({ kind: 'open', sealed: bytes, blobs, target }, [bytes.buffer])).damaged
      for (const { blob } of failed) {
        await readElsewhere(repository, index, read[blob], target)
      }
    }),
  )
  return target
}

interface WantedBlob {
  readonly place: BlobPlace
  readonly targets: number[]
}

/** Blobs in groups that lie near to each other in one pack, each group in order. */
function readsOf(blobs: WantedBlob[]): (readonly WantedBlob[])[] {
  const sorted = blobs.sort(({ place: a }, { place: b }) =>
    a.pack === b.pack ? a.blob.offset - b.blob.offset : a.pack < b.pack ? -1 : 1,
  )
  const reads: WantedBlob[][] = []
  for (const blob of sorted) {
    const read = reads.at(-1)
    if (read !== undefined && fitsTo(read, blob)) {
      read.push(blob)
    } else {
      reads.push([blob])
    }
  }
  return reads
}

function fitsTo(read: readonly WantedBlob[], { place: { pack, blob } }: WantedBlob): boolean {
  const samePack = read[0]?.place.pack === pack
  return samePack && blob.offset - endOf(read) <= GAP_BYTES && blob.offset + blob.length - startOf(read) <= READ_BYTES
}

function startOf(read: readonly WantedBlob[]): number {
  return read[0]?.place.blob.offset ?? 0
}

function endOf(read: readonly WantedBlob[]): number {
  const last = read.at(-1)?.place.blob
  return last === undefined ? 0 : last.offset + last.length
}

/** Undefined when the pack is gone or too short: its blobs may lie elsewhere too. */
async function readOnce(
  repository: Repository,
  read: readonly WantedBlob[],
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { pack } = read[0]?.place ?? { pack: '' }
  try {
    return await repository.files.readRange('data', pack, { start: startOf(read), end: endOf(read) })
  } catch (error) {
    if (hasCode(error, 'object.missing', 'vault.damaged')) {
      return undefined
    }
    throw error
  }
}

/** The other places of a blob. Error: `vault.damaged` when none of them is whole. */
async function readElsewhere(
  repository: Repository,
  index: BlobIndex,
  wanted: WantedBlob | undefined,
  target: Uint8Array<SharedArrayBuffer>,
): Promise<void> {
  if (wanted === undefined) {
    return
  }
  const { blob } = wanted.place
  const plain = await repository.readBlob(index, blob.type, blob.id)
  for (const position of wanted.targets) {
    putAt(Buffer.from(target.buffer, target.byteOffset, target.byteLength), plain, position)
  }
}
