import { createCipheriv, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newVaultKey } from './key-file.ts'
import { Keystreams } from './keystreams.ts'
import { SEAL_BYTES, Sealer } from './seal.ts'
import { ManySealer, type SealedPlaces } from './seal-many.ts'

const key = newVaultKey()
const one = new Sealer(key)
const many = new ManySealer(key)
/** Around the block, around what is hidden together, around what a cipher is given at once. */
const LENGTHS = [0, 1, 15, 16, 17, 4096, 8191, 8192, 8193, 32_768, 32_769, 65_536, 1_048_577]

describe('many sealed messages', () => {
  it('open as each one does', () => {
    const plains = Array.from({ length: 700 }, (_, index) => randomBytes(LENGTHS[index % 11] ?? 0))
    const { bytes, places } = joined(plains.map((plain) => one.seal(plain)))
    expect(opened(bytes, places)).toEqual(plains.map((plain) => plain.toString('hex')))
  })

  it('open one by one when they were sealed together', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...LENGTHS), { maxLength: 30 }), fc.nat(40), (lengths, gap) => {
        const plains = lengths.map((length) => randomBytes(length))
        const { bytes, places } = joined(plains.map(unsealed), gap)
        many.seal(bytes, places)
        const alone = [...places.offsets].map((offset, index) =>
          one.unseal(bytes.subarray(offset, offset + (places.lengths[index] ?? 0))),
        )
        expect(alone.map((plain) => plain.toString('hex'))).toEqual(plains.map((plain) => plain.toString('hex')))
        expect(opened(bytes, places)).toEqual(plains.map((plain) => plain.toString('hex')))
      }),
      { numRuns: 50 },
    )
  })

  it('have IVs of their own', () => {
    const { bytes, places } = joined(Array.from({ length: 600 }, () => unsealed(Buffer.alloc(3))))
    many.seal(bytes, places)
    expect(new Set([...places.offsets].map((at) => bytes.toString('hex', at, at + 16))).size).toBe(600)
  })

  it('leave what lies between them alone', () => {
    const { bytes, places } = joined([unsealed(randomBytes(100)), unsealed(randomBytes(9000))], 50)
    bytes.fill(7, 132, 182)
    many.seal(bytes, places)
    expect(bytes.subarray(132, 182).every((byte) => byte === 7)).toBe(true)
  })

  it('are not sealed where they have no room', () => {
    const places = { offsets: Uint32Array.of(0), lengths: Uint32Array.of(101) }
    expect(() => many.seal(Buffer.alloc(100), places)).toThrow(RangeError)
    expect(() => many.seal(Buffer.alloc(100), { ...places, lengths: Uint32Array.of(31) })).toThrow(RangeError)
  })

  it('stay closed when any bit of them is another, and the others open', () => {
    const plains = [randomBytes(20), randomBytes(9000), randomBytes(3)]
    const { bytes, places } = joined(plains.map((plain) => one.seal(plain)))
    const whole = plains.map((plain) => plain.toString('hex'))
    for (let index = 0; index < plains.length; index += 1) {
      const [start, length] = [places.offsets[index] ?? 0, places.lengths[index] ?? 0]
      for (const at of [0, 15, 16, 18, length - 17, length - 16, length - 1]) {
        const changed = Buffer.from(bytes)
        changed[start + at] = (changed[start + at] ?? 0) ^ 4
        expect(opened(changed, places)).toEqual(whole.with(index, undefined as never))
      }
    }
  })

  it('stay closed to another key', () => {
    const { bytes, places } = joined([one.seal(Buffer.from('secret'))])
    expect([...new ManySealer(newVaultKey()).open(bytes, places)]).toEqual([undefined])
  })

  it('stay closed when they are cut, and when they lie behind the end', () => {
    const { bytes, places } = joined([one.seal(randomBytes(50)), one.seal(randomBytes(50))])
    for (let end = 0; end < bytes.byteLength; end += 1) {
      const isFirstWhole = end >= 82
      expect(opened(bytes.subarray(0, end), places).map((plain) => plain !== undefined)).toEqual([isFirstWhole, false])
    }
    const far = { offsets: Uint32Array.of(2 ** 32 - 1, 0), lengths: Uint32Array.of(82, SEAL_BYTES - 1) }
    expect(opened(bytes, far)).toEqual([undefined, undefined])
  })
})

describe('keystreams', () => {
  it.each([
    'ffffffffffffffffffffffffffffffff',
    '00000000000000000000000000000000',
    '0123456789abcdef01234567fffffffe',
    '0123456789abcdeffffffffffffffffe',
    '01234567fffffffffffffffffffffffe',
  ])('count on from %s as AES-256-CTR does', (hex) => {
    const [secret, iv] = [randomBytes(32), Buffer.from(hex, 'hex')]
    const streams = new Keystreams(secret, 1024)
    streams.add(iv, 0, 100)
    streams.add(iv, 0, 64)
    const expected = createCipheriv('aes-256-ctr', secret, iv).update(Buffer.alloc(112))
    expect(streams.take().toString('hex')).toBe(Buffer.concat([expected, expected.subarray(0, 64)]).toString('hex'))
  })
})

function joined(messages: readonly Buffer[], gap = 0): { bytes: Buffer; places: SealedPlaces } {
  const lengths = Uint32Array.from(messages, ({ byteLength }) => byteLength)
  const offsets = Uint32Array.from(lengths)
  let position = 0
  for (const [index, length] of lengths.entries()) {
    offsets[index] = position
    position += length + gap
  }
  return { bytes: Buffer.concat(messages.flatMap((one) => [one, Buffer.alloc(gap)])), places: { offsets, lengths } }
}

/** Plain bytes with the room that sealing them takes. */
function unsealed(plain: Buffer): Buffer {
  return Buffer.concat([Buffer.alloc(16), plain, Buffer.alloc(16)])
}

function opened(bytes: Buffer, places: SealedPlaces): (string | undefined)[] {
  return Array.from(many.open(bytes, places), (plain) => plain?.toString('hex'))
}
