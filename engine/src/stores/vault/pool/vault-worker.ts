import { parentPort, workerData } from 'node:worker_threads'
import { ownThisProcess } from '../../../work/give-back-memory.ts'
import { columnsOf } from '../format/blob-columns.ts'
import { blobIdOf, ID_BYTES } from '../format/blob-id.ts'
import { chooseZstd } from '../format/choose-zstd.ts'
import { BlobsOpener } from '../format/open-blobs.ts'
import { Sealer } from '../format/seal.ts'
import { IdTable } from '../repository/id-table.ts'
import { checkPack } from './check-task.ts'
import type { FinishedPack } from './finished-pack.ts'
import { openInto } from './open-task.ts'
import { PackBuilder } from './pack-builder.ts'
import type { Checked, Opened, SentRest, Stored, StoreTask, VaultTask, VaultWorkerStart } from './vault-task.ts'

/** A thread that hashes, compresses, seals and opens blobs. One task is answered after the other. */
const { key, known } = workerData as VaultWorkerStart
ownThisProcess()
const ownKey = { encrypt: Buffer.from(key.encrypt), macK: Buffer.from(key.macK), macR: Buffer.from(key.macR) }
const sealer = new Sealer(ownKey)
const zstd = chooseZstd()
const opener = new BlobsOpener(ownKey, zstd)
const stored = new IdTable(known)
const added = new IdTable()
const builder = new PackBuilder(sealer, 'data', zstd)

parentPort?.on('message', (task: VaultTask) => {
  try {
    const { answer, transfer } = answerTo(task)
    parentPort?.postMessage({ answer }, transfer)
  } catch (error) {
    parentPort?.postMessage({ failure: error })
  }
})

function answerTo(task: VaultTask): { answer: Stored | SentRest | Opened | Checked; transfer: ArrayBuffer[] } {
  switch (task.kind) {
    case 'store': {
      const answer = store(task)
      return { answer, transfer: [answer.returned, ...answer.packs.map(({ bytes }) => bytes.buffer)] }
    }
    case 'finish': {
      const { bytes, blobs } = builder.rest()
      const answer = { bytes, blobs: columnsOf(blobs) }
      return { answer, transfer: [answer.bytes.buffer] }
    }
    case 'open': {
      const answer = openInto(task, opener)
      return { answer, transfer: [answer.returned] }
    }
    case 'check':
      return { answer: checkPack(task, opener, sealer), transfer: [] }
    default:
      return task satisfies never
  }
}

function store({ bytes, lengths, levels, spare }: StoreTask): Stored {
  if (spare !== undefined) {
    builder.reuse(spare)
  }
  const ids = Buffer.alloc(lengths.length * ID_BYTES)
  const packs: FinishedPack[] = []
  let position = 0
  for (const [index, length] of lengths.entries()) {
    const plain = bytes.subarray(position, position + length)
    const id = blobIdOf(plain)
    id.copy(ids, index * ID_BYTES)
    position += length
    if (stored.find(id) === undefined && added.find(id) === undefined) {
      added.add(id)
      const pack = builder.add(id, plain, levels[index] ?? 0)
      if (pack !== undefined) {
        packs.push(pack)
      }
    }
  }
  return { ids, packs, returned: bytes.buffer }
}
