import { randomBytes } from 'node:crypto'
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseZstd } from './choose-zstd.ts'
import { FreshZstd } from './fresh-zstd.ts'
import { ReusedZstd } from './reused-zstd.ts'

const LEVELS = [1, 3]
const SIZES = [1, 63, 64, 65, 4095, 4096, 65_536, 131_071, 131_072, 262_144, 3_000_000]

describe('frames of zstd', () => {
  it('are made in working memory that is used again', () => {
    expect(chooseZstd()).toBeInstanceOf(ReusedZstd)
  })

  it('are the same bytes either way, whatever came before', () => {
    const [fresh, reused] = [new FreshZstd(), new ReusedZstd()]
    const plains = SIZES.flatMap((bytes) => [text(bytes), randomBytes(bytes), Buffer.alloc(bytes)])
    for (const plain of [...plains, ...plains.toReversed()]) {
      for (const level of LEVELS) {
        expect(copyOf(reused.compress(plain, level))).toEqual(copyOf(fresh.compress(plain, level)))
      }
    }
  })

  it('name the size of their content', () => {
    for (const frames of [new FreshZstd(), new ReusedZstd()]) {
      const frame = frames.compress(text(4096), 3) ?? new Uint8Array()
      expect(zstdDecompressSync(frame)).toEqual(text(4096))
      // Frame_Header_Descriptor: Single_Segment_flag or Frame_Content_Size_flag. Source: RFC 8878, 3.1.1.1.1.
      expect((frame[4] ?? 0) & 0b1110_0000).toBeGreaterThan(0)
    }
  })

  it('are not kept when they are no smaller', () => {
    for (const frames of [new FreshZstd(), new ReusedZstd()]) {
      for (const bytes of SIZES) {
        expect(frames.compress(randomBytes(bytes), 3)).toBeUndefined()
      }
    }
  })

  it('come back, whatever was read before', () => {
    const frames = new ReusedZstd()
    const bytes = fc.uint8Array({ maxLength: 10_000, minLength: 1 })
    fc.assert(
      fc.property(bytes, fc.nat(300), fc.constantFrom(...LEVELS), fc.boolean(), (seed, times, level, isDamaged) => {
        const plain = Buffer.concat(Array.from({ length: times + 1 }, () => seed))
        const frame = zstdCompressSync(plain, { params: { [constants.ZSTD_c_compressionLevel]: level } })
        if (isDamaged) {
          frames.decompress(frame.subarray(0, -1), Buffer.alloc(plain.byteLength))
        }
        const target = Buffer.alloc(plain.byteLength)
        expect(frames.decompress(frame, target)).toBe(true)
        expect(target.equals(plain)).toBe(true)
      }),
    )
  })

  const plain = text(20_000)
  const frame = zstdCompressSync(plain)
  const withoutSize = unsized(plain)
  const half = zstdCompressSync(plain.subarray(0, 10_000))
  const others = zstdCompressSync(plain.subarray(10_000))
  const checked = zstdCompressSync(plain, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })
  const cases: readonly (readonly [name: string, frame: Buffer, bytes: number, fits: boolean])[] = [
    ['a frame', frame, 20_000, true],
    ['a frame that ends with a checksum', checked, 20_000, true],
    ['a frame without the size of its content', withoutSize, 20_000, true],
    ['several frames', Buffer.concat([half, others]), 20_000, true],
    [
      'a frame behind one that is skipped',
      Buffer.concat([Buffer.from('502a4d180200000041', 'hex'), Buffer.of(65), frame]),
      20_000,
      true,
    ],
    ['a target that is too small', frame, 19_999, false],
    ['a target that is too small, and no size', withoutSize, 19_999, false],
    ['a target that is too large', frame, 20_001, false],
    ['a target that is too large, and no size', withoutSize, 20_001, false],
    ['too few frames', half, 20_000, false],
    ['too many frames', Buffer.concat([half, others, half]), 20_000, false],
    ['no bytes', Buffer.alloc(0), 20_000, false],
    ['what is no frame', plain, 20_000, false],
    ['half a frame', frame.subarray(0, frame.byteLength / 2), 20_000, false],
    ['a wrong checksum', Buffer.concat([checked.subarray(0, -1), Buffer.of(~(checked.at(-1) ?? 0))]), 20_000, false],
    ['a frame that claims more than it holds', claimingMore(frame), 20_001, false],
  ]

  it.each(cases)('either way gives the same verdict: %s', (_, bytes, plainBytes, fits) => {
    for (const frames of [new FreshZstd(), new ReusedZstd()]) {
      const target = Buffer.alloc(plainBytes)
      expect(frames.decompress(bytes, target)).toBe(fits)
      expect(!fits || target.equals(plain)).toBe(true)
      expect(frames.decompress(frame, Buffer.alloc(20_000))).toBe(true)
    }
  })

  it('are read with bytes behind them by Node, and left to it', () => {
    const longer = Buffer.concat([frame, Buffer.from('behind')])
    const frames = new ReusedZstd()
    expect(new FreshZstd().decompress(longer, Buffer.alloc(20_000))).toBe(true)
    expect(frames.decompress(longer, Buffer.alloc(20_000))).toBe(false)
    expect(frames.decompress(frame, Buffer.alloc(20_000))).toBe(true)
  })

  it('are filled into a part of shared memory, and nowhere else', () => {
    const shared = Buffer.from(new SharedArrayBuffer(30_000))
    for (const frames of [new FreshZstd(), new ReusedZstd()]) {
      shared.fill(7)
      expect(frames.decompress(frame, shared.subarray(5_000, 25_000))).toBe(true)
      expect(shared.subarray(5_000, 25_000).equals(plain)).toBe(true)
      expect(Buffer.concat([shared.subarray(0, 5_000), shared.subarray(25_000)]).every((byte) => byte === 7)).toBe(true)
    }
  })

  it('never write behind a target that is too small', () => {
    for (const frames of [new FreshZstd(), new ReusedZstd()]) {
      const memory = Buffer.alloc(30_000)
      expect(frames.decompress(withoutSize, memory.subarray(0, 10_000))).toBe(false)
      expect(memory.subarray(10_000).every((byte) => byte === 0)).toBe(true)
    }
  })
})

function text(bytes: number): Buffer {
  return Buffer.from(Array.from({ length: bytes }, (_, index) => (index * index) % 97))
}

function copyOf(frame: Uint8Array | undefined): Buffer | undefined {
  return frame && Buffer.from(frame)
}

/** As a stream writes that does not know how much will come. */
function unsized(plain: Buffer): Buffer {
  return zstdCompressSync(plain, { params: { [constants.ZSTD_c_contentSizeFlag]: 0 } })
}

/** Its content size is one more: two bytes behind the descriptor, less 256. Source: RFC 8878, 3.1.1.1.4. */
function claimingMore(frame: Buffer): Buffer {
  const changed = Buffer.from(frame)
  changed.writeUInt16LE(20_001 - 256, frame.indexOf(Buffer.from(Uint16Array.of(20_000 - 256).buffer)))
  return changed
}
