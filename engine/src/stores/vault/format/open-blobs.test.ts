import { randomBytes } from 'node:crypto'
import { zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { PackedBlob } from './blob.ts'
import { columnsOf } from './blob-columns.ts'
import { blobIdOf } from './blob-id.ts'
import { FreshZstd } from './fresh-zstd.ts'
import { newVaultKey } from './key-file.ts'
import { openBlob } from './open-blob.ts'
import { BlobsOpener, type RoomOf } from './open-blobs.ts'
import { ReusedZstd } from './reused-zstd.ts'
import { SealBroken, Sealer } from './seal.ts'
import type { ZstdFrames } from './zstd-frames.ts'

const key = newVaultKey()
const sealer = new Sealer(key)
const text = Buffer.from('a text that becomes shorter '.repeat(300))
const frame = zstdCompressSync(text)
const small = randomBytes(50)
const id = blobIdOf(text)
const whole = { type: 'data', id, uncompressedLength: text.byteLength } as const
const behind = Buffer.concat([frame, Buffer.of(1, 2, 3)])

/** Sealed bytes, what is said of them, and what they are. */
const CASES: readonly (readonly [
  name: string,
  hidden: Buffer,
  said: Omit<PackedBlob, 'offset' | 'length'>,
  plain: Buffer | undefined,
])[] = [
  ['a compressed blob', frame, whole, text],
  ['an uncompressed blob', small, { type: 'data', id: blobIdOf(small) }, small],
  ['an empty blob', Buffer.alloc(0), { type: 'data', id: blobIdOf(Buffer.alloc(0)) }, Buffer.alloc(0)],
  ['bytes behind a frame, which Node leaves alone', behind, whole, text],
  [
    'a length that is too large, with the right bytes',
    frame,
    { ...whole, uncompressedLength: text.byteLength + 1 },
    text,
  ],
  ['a length that is too small', frame, { ...whole, uncompressedLength: text.byteLength - 1 }, undefined],
  ['another id', frame, { ...whole, id: randomBytes(32) }, undefined],
  ['another id of an uncompressed blob', small, { type: 'data', id: randomBytes(32) }, undefined],
  ['a compressed blob that is said to be none', frame, { type: 'data', id }, undefined],
  ['an uncompressed blob that is said to be compressed', small, { ...whole, id: blobIdOf(small) }, undefined],
  ['half a frame', frame.subarray(0, 30), whole, undefined],
]

describe.each([
  ['used again', () => new ReusedZstd()],
  ['by itself', () => new FreshZstd()],
])('blobs opened together, zstd %s', (_, zstd) => {
  it('are opened, and judged, as each one is', () => {
    const { sealed, blobs } = laidOut()
    const opened = openAll(sealed, blobs, zstd())
    for (const [index, [name, , , plain]] of CASES.entries()) {
      const blob = blobs[index] ?? blobs[0]
      const alone =
        blob && attempt(() => openBlob(sealed.subarray(blob.offset, blob.offset + blob.length), blob, sealer))
      expect([name, opened[index]]).toEqual([name, alone])
      expect([name, opened[index]]).toEqual([name, plain?.toString('hex') ?? expect.stringContaining('SealBroken')])
    }
  })

  it('say of whichever is changed that it is, and of no other', () => {
    const { sealed, blobs } = laidOut()
    const before = openAll(sealed, blobs, zstd())
    for (const [index, { offset }] of blobs.entries()) {
      const changed = Buffer.from(sealed)
      changed[offset + 3] = (changed[offset + 3] ?? 0) ^ 1
      const expected = 'SealBroken: the bytes were changed, or sealed with another key'
      expect(openAll(changed, blobs, zstd())).toEqual(before.with(index, expected))
    }
  })

  it('lie where there is room for them, and whole ones alone', () => {
    const { sealed, blobs } = laidOut()
    const room = Buffer.from(new SharedArrayBuffer(text.byteLength))
    const opener = new BlobsOpener(key, zstd())
    const [first] = opener.open(sealed, columnsOf(blobs.slice(0, 1)), (_, bytes) => room.subarray(0, bytes))
    expect(first).toEqual(room)
    expect(room.equals(text)).toBe(true)
  })
})

function laidOut(): { sealed: Buffer; blobs: PackedBlob[] } {
  let offset = 0
  const parts: Buffer[] = []
  const blobs = CASES.map(([, hidden, said]) => {
    const sealed = sealer.seal(hidden)
    parts.push(sealed)
    offset += sealed.byteLength
    return { ...said, offset: offset - sealed.byteLength, length: sealed.byteLength }
  })
  return { sealed: Buffer.concat(parts), blobs }
}

function openAll(sealed: Buffer, blobs: readonly PackedBlob[], zstd: ZstdFrames): string[] {
  const nowhere: RoomOf = () => undefined
  return Array.from(new BlobsOpener(key, zstd).open(sealed, columnsOf(blobs), nowhere), said)
}

function attempt(deed: () => Buffer): string {
  try {
    return said(deed())
  } catch (error) {
    return said(error as SealBroken)
  }
}

function said(opened: Buffer | SealBroken): string {
  return opened instanceof SealBroken ? `SealBroken: ${opened.message}` : opened.toString('hex')
}
