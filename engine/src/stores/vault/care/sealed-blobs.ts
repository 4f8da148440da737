import { hasCode } from '../../has-code.ts'
import type { PackedBlob } from '../format/blob.ts'
import { columnsOf } from '../format/blob-columns.ts'
import type { VaultWorkers } from '../pool/vault-workers.ts'
import type { Repository } from '../repository/repository.ts'

/** A blob as it lies in its pack, opened on the way: its sealed bytes when it is whole, or why it is not. */
export type SealedBlob<B extends PackedBlob = PackedBlob> =
  | { readonly kind: 'whole'; readonly blob: B; readonly sealed: Uint8Array }
  | { readonly kind: 'damaged'; readonly blob: B; readonly why: string }

/** Blobs that lie so near to each other are read in one go. */
const GAP_BYTES = 64 * 1024
const READ_BYTES = 4 * 1024 * 1024

/** Reads blobs of one pack, and compares each with its id. `blobs` come in the order in which they lie there. */
export async function* sealedBlobs<B extends PackedBlob>(
  repository: Repository,
  workers: VaultWorkers,
  pack: string,
  blobs: readonly B[],
): AsyncIterable<SealedBlob<B>> {
  for (const run of runsOf(blobs)) {
    const found = await readRun(repository, workers, pack, run)
    if (found !== undefined) {
      yield* found
      continue
    }
    for (const blob of run) {
      yield* (await readRun(repository, workers, pack, [blob])) ?? [
        { kind: 'damaged', blob, why: 'the pack cannot be read there' },
      ]
    }
  }
}

/** Undefined when the pack is gone, is shorter, or can't be read there. */
async function readRun<B extends PackedBlob>(
  { files }: Repository,
  workers: VaultWorkers,
  pack: string,
  run: readonly B[],
): Promise<SealedBlob<B>[] | undefined> {
  const start = run[0]?.offset ?? 0
  const end = run.reduce((last, { offset, length }) => Math.max(last, offset + length), start)
  try {
    const sealed = await files.readRange('data', pack, { start, end })
    const wanted = columnsOf(run.map((blob) => ({ ...blob, offset: blob.offset - start })))
    const targets = { blobs: new Uint32Array(0), positions: new Int32Array(0) }
    const target = new Uint8Array(new SharedArrayBuffer(0))
    const { damaged } = await workers.run({ kind: 'open', sealed, blobs: wanted, targets, target }, [])
    const reasons = new Map(damaged.map(({ blob, why }) => [blob, why]))
    return run.map((blob, number) => {
      const why = reasons.get(number)
      return why === undefined
        ? { kind: 'whole', blob, sealed: sealed.subarray(blob.offset - start, blob.offset - start + blob.length) }
        : { kind: 'damaged', blob, why }
    })
  } catch (error) {
    if (hasCode(error, 'vault.damaged', 'object.missing', 'destination.failed')) {
      return undefined
    }
    throw error
  }
}

function* runsOf<B extends PackedBlob>(blobs: readonly B[]): Iterable<readonly B[]> {
  let run: B[] = []
  for (const blob of blobs) {
    const [first] = run
    const last = run.at(-1)
    const isFar = first !== undefined && last !== undefined && !isNear(first, last, blob)
    if (isFar) {
      yield run
      run = []
    }
    run.push(blob)
  }
  if (run.length > 0) {
    yield run
  }
}

function isNear(first: PackedBlob, last: PackedBlob, next: PackedBlob): boolean {
  const gap = next.offset - (last.offset + last.length)
  return gap <= GAP_BYTES && next.offset + next.length - first.offset <= READ_BYTES
}
