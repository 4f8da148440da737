import { hash } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import { giveBackAllMemory, ownThisProcess } from '../../../work/give-back-memory.ts'
import { blobIdOf, ID_BYTES } from '../format/blob-id.ts'
import { openBlobs } from '../format/open-blobs.ts'
import { decodePackEnd, headerReach, PackBroken } from '../format/pack.ts'
import { SealBroken, Sealer } from '../format/seal.ts'
import { IdTable } from '../repository/id-table.ts'
import { PackBuilder } from './pack-builder.ts'
import { putAt } from './put-at.ts'
import { sentBlobs } from './sent-blobs.ts'
import type {
  Checked,
  CheckTask,
  Opened,
  OpenTask,
  SentPack,
  SentRest,
  Stored,
  StoreTask,
  VaultTask,
  VaultWorkerStart,
} from './vault-task.ts'

/** A thread that hashes, compresses, seals and opens blobs. One task is answered after the other. */
const { key, known } = workerData as VaultWorkerStart
ownThisProcess()
const sealer = new Sealer({
  encrypt: Buffer.from(key.encrypt),
  macK: Buffer.from(key.macK),
  macR: Buffer.from(key.macR),
})
const stored = new IdTable(known)
const added = new IdTable()
const builder = new PackBuilder(sealer, 'data')

/**
 * The memory in which zstd works is given back only with what has grown old, some hundred kilobytes for each blob: so often
 * that is asked for.
 */
const GIVE_BACK_BYTES = 8 * 1024 * 1024
let sinceGivenBack = 0

parentPort?.on('message', (task: VaultTask) => {
  try {
    const { answer, transfer } = answerTo(task)
    parentPort?.postMessage({ answer }, transfer)
    sinceGivenBack += bytesOf(task)
    if (sinceGivenBack >= GIVE_BACK_BYTES) {
      sinceGivenBack = 0
      giveBackAllMemory()
    }
  } catch (error) {
    parentPort?.postMessage({ failure: error })
  }
})

function bytesOf(task: VaultTask): number {
  switch (task.kind) {
    case 'open':
      return task.target.byteLength
    case 'finish':
      return 0
    default:
      return task.bytes.byteLength
  }
}

function answerTo(task: VaultTask): { answer: Stored | SentRest | Opened | Checked; transfer: ArrayBuffer[] } {
  switch (task.kind) {
    case 'store': {
      const answer = store(task)
      return { answer, transfer: [answer.returned, ...answer.packs.map(({ bytes }) => bytes.buffer)] }
    }
    case 'finish': {
      const { bytes, blobs } = builder.rest()
      const answer = { bytes, blobs: sentBlobs(blobs) }
      return { answer, transfer: [answer.bytes.buffer] }
    }
    case 'open':
      return { answer: open(task), transfer: [] }
    case 'check':
      return { answer: check(task), transfer: [] }
    default:
      return task satisfies never
  }
}

function store({ bytes, pieces, spare }: StoreTask): Stored {
  if (spare !== undefined) {
    builder.reuse(spare)
  }
  const ids = Buffer.alloc(pieces.length * ID_BYTES)
  const packs: SentPack[] = []
  let position = 0
  for (const [index, { length, level }] of pieces.entries()) {
    const plain = bytes.subarray(position, position + length)
    const id = blobIdOf(plain)
    id.copy(ids, index * ID_BYTES)
    position += length
    if (stored.find(id) === undefined && added.find(id) === undefined) {
      added.add(id)
      const pack = builder.add(id, plain, level)
      if (pack !== undefined) {
        packs.push({ ...pack, blobs: sentBlobs(pack.blobs) })
      }
    }
  }
  return { ids, packs, returned: bytes.buffer }
}

function open({ sealed, blobs, target }: OpenTask): Opened {
  const into = Buffer.from(target.buffer, target.byteOffset, target.byteLength)
  const opened = openBlobs(
    blobs.map(({ id, offset, length, uncompressedLength }) => ({
      sealed: sealed.subarray(offset, offset + length),
      blob: { id: Buffer.from(id), length, uncompressedLength },
    })),
    sealer,
  )
  const damaged: { blob: number; why: string }[] = []
  for (const [index, plain] of opened.entries()) {
    if (plain instanceof Error) {
      damaged.push({ blob: index, why: reasonOf(plain) })
    } else {
      for (const position of blobs[index]?.targets ?? []) {
        putAt(into, plain, position)
      }
    }
  }
  return { damaged }
}

function check({ pack, bytes }: CheckTask): Checked {
  if (hash('sha256', bytes, 'hex') !== pack) {
    return { blobs: sentBlobs([]), problems: ['it does not have the bytes of its name'] }
  }
  const reach = headerReach(bytes, bytes.byteLength)
  if (reach === undefined) {
    return { blobs: sentBlobs([]), problems: ['it has no header'] }
  }
  try {
    const blobs = decodePackEnd(bytes.subarray(-reach), bytes.byteLength, sealer)
    const problems: string[] = []
    const sealed = blobs.map((blob) => ({ sealed: bytes.subarray(blob.offset, blob.offset + blob.length), blob }))
    for (const [index, plain] of openBlobs(sealed, sealer).entries()) {
      if (plain instanceof Error) {
        problems.push(`blob ${blobs[index]?.id.toString('hex')}: ${reasonOf(plain)}`)
      }
    }
    return { blobs: sentBlobs(blobs), problems }
  } catch (error) {
    return { blobs: sentBlobs([]), problems: [reasonOf(error)] }
  }
}

/** What is damage becomes a sentence; anything else is a failure of the task. */
function reasonOf(error: unknown): string {
  if (error instanceof SealBroken || error instanceof PackBroken) {
    return error.message
  }
  throw error
}
