import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { newVaultKey } from './key-file.ts'
import { SEAL_BYTES, SealBroken, Sealer } from './seal.ts'

const sealer = new Sealer(newVaultKey())

describe('sealed bytes', () => {
  test.each([0, 1, 15, 16, 17, 4096, 300_000])('of %i plain ones open again', (bytes) => {
    const plain = randomBytes(bytes)
    const sealed = sealer.seal(plain)
    expect(sealed).toHaveLength(bytes + SEAL_BYTES)
    expect(sealer.unseal(sealed).equals(plain)).toBe(true)
  })

  test('are others each time', () => {
    const plain = Buffer.from('the same')
    expect(sealer.seal(plain).equals(sealer.seal(plain))).toBe(false)
  })

  test('do not open when any bit is another', () => {
    const sealed = sealer.seal(Buffer.from('forty-two'))
    for (let bit = 0; bit < sealed.byteLength * 8; bit += 1) {
      const changed = Buffer.from(sealed)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(() => sealer.unseal(changed)).toThrow(SealBroken)
    }
  })

  test('do not open with another key, or when they are cut', () => {
    const sealed = sealer.seal(Buffer.from('secret'))
    expect(() => new Sealer(newVaultKey()).unseal(sealed)).toThrow(SealBroken)
    for (let bytes = 0; bytes < sealed.byteLength; bytes += 1) {
      expect(() => sealer.unseal(sealed.subarray(0, bytes))).toThrow(SealBroken)
    }
  })
})
