import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { PackBuilder } from '../pool/pack-builder.ts'
import { blobIdOf } from './blob-id.ts'
import { newVaultKey } from './key-file.ts'
import { openBlob } from './open-blob.ts'
import { decodePackEnd, headerReach, packEnd } from './pack.ts'
import { SealBroken, Sealer } from './seal.ts'

const sealer = new Sealer(newVaultKey())
const plains = [Buffer.from('text that zstd makes smaller '.repeat(99)), randomBytes(5000), Buffer.of(7)]

describe('a pack', () => {
  test('says in its header what lies where, compressed only where that is smaller', () => {
    const { pack, blobs } = builtPack()
    const reach = headerReach(pack, pack.byteLength) ?? 0
    expect(decodePackEnd(pack.subarray(-reach), pack.byteLength, sealer)).toEqual(blobs)
    expect(blobs.map(({ uncompressedLength }) => uncompressedLength)).toEqual([
      plains[0]?.byteLength,
      undefined,
      undefined,
    ])
    for (const [index, blob] of blobs.entries()) {
      expect(openBlob(pack.subarray(blob.offset, blob.offset + blob.length), blob, sealer)).toEqual(plains[index])
    }
  })

  test('that was cut or has more bytes has no header that fits', () => {
    const { pack } = builtPack()
    for (const other of [pack.subarray(0, -1), Buffer.concat([pack, Buffer.of(0)]), pack.subarray(1)]) {
      const reach = headerReach(other, other.byteLength)
      const decode = () => decodePackEnd(other.subarray(-(reach ?? 0)), other.byteLength, sealer)
      expect(reach === undefined || throws(decode)).toBe(true)
    }
  })

  test.each([0, 3, 31, 32, 2 ** 32 - 5, 17 * 2 ** 20])('whose header would have %i bytes has none', (length) => {
    const end = Buffer.alloc(64)
    end.writeUInt32LE(length, 60)
    expect(headerReach(end, 64)).toBeUndefined()
  })

  test('gives no blob under the id of another', () => {
    const { pack, blobs } = builtPack()
    const [first, second] = blobs
    if (first === undefined || second === undefined) {
      throw new Error('there are three')
    }
    const sealed = pack.subarray(first.offset, first.offset + first.length)
    expect(() => openBlob(sealed, { ...first, id: second.id }, sealer)).toThrow(SealBroken)
    expect(() => openBlob(sealed, { ...first, uncompressedLength: undefined }, sealer)).toThrow(SealBroken)
    expect(() => openBlob(sealed, { ...first, uncompressedLength: 5 }, sealer)).toThrow(SealBroken)
  })
})

function builtPack(): { pack: Buffer; blobs: ReturnType<PackBuilder['rest']>['blobs'] } {
  const builder = new PackBuilder(sealer, 'data')
  for (const plain of plains) {
    builder.add(blobIdOf(plain), plain, 3)
  }
  const { bytes, blobs } = builder.rest()
  return { pack: Buffer.concat([bytes, packEnd(blobs, sealer)]), blobs }
}

function throws(work: () => unknown): boolean {
  try {
    work()
    return false
  } catch {
    return true
  }
}
