import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { commonDivisorOf, degreeOf, productModulo } from './gf2.ts'
import { isIrreducible } from './is-irreducible.ts'
import { newPolynomial, polynomialFromHex, polynomialToHex } from './polynomial.ts'

const IRREDUCIBLE = [0x3da3358b4dc173n, 0x2482734cacca49n]
const REDUCIBLE = [0x38f1e565e288dfn, 0x30a8295b9d5c91n, 0x255f4350b962cbn, 0x2f4dae10d41227n, 0x3143d0464b3299n]
const polynomials = fc.bigInt({ min: 0n, max: 2n ** 54n - 1n })

describe('polynomials over GF(2)', () => {
  test('are of degree 53 where their highest bit is the 53rd, and -1 where they are zero', () => {
    expect([0n, 1n, 2n, 0x3da3358b4dc173n].map(degreeOf)).toEqual([-1, 0, 1, 53])
  })

  test('have the remainders, products and common divisors that restic computes', () => {
    expect(productModulo(1n, 0b101101001n, 0b1010n)).toBe(1n)
    expect(productModulo(1n, 10n, 50n)).toBe(10n)
    expect(productModulo(0x1230n, 0x230n, 0x55n)).toBe(0x22n)
    expect(productModulo(0x0eae8c07dbbb3026n, 0xd5d6db9de04771den, 0xdd2bda3b77c9n)).toBe(0x425ae8595b7an)
    expect(commonDivisorOf(0x230d2259defdn, 0x51b492b3eff2n)).toBe(0b10011n)
  })

  test('multiply the same in either order, and spread over a sum', () => {
    fc.assert(
      fc.property(polynomials, polynomials, polynomials, (a, b, c) => {
        const times = (x: bigint, y: bigint) => productModulo(x, y, 0x3da3358b4dc173n)
        expect(times(a, b)).toBe(times(b, a))
        expect(times(a, b ^ c)).toBe(times(a, b) ^ times(a, c))
      }),
    )
  })
})

describe('an irreducible polynomial', () => {
  test.each(IRREDUCIBLE)('is known as such: %d', (polynomial) => {
    expect(isIrreducible(polynomial)).toBe(true)
  })

  test.each(REDUCIBLE)('is told from one that is not: %d', (polynomial) => {
    expect(isIrreducible(polynomial)).toBe(false)
  })

  test('is what trial division finds, for every small one', () => {
    const small = Array.from({ length: 1024 }, (_, polynomial) => BigInt(polynomial))
    const hasFactor = (polynomial: bigint) =>
      small.some((by) => by > 1n && degreeOf(by) < degreeOf(polynomial) && productModulo(1n, polynomial, by) === 0n)
    const expected = small.filter((polynomial) => polynomial > 1n && !hasFactor(polynomial))
    expect(small.filter(isIrreducible)).toEqual(expected)
  })
})

describe('the polynomial of a new repository', () => {
  test('is irreducible, of degree 53, and another each time', () => {
    const made = Array.from({ length: 5 }, () => newPolynomial(randomBytes))
    expect(made.every(isIrreducible)).toBe(true)
    expect(made.map(degreeOf)).toEqual([53, 53, 53, 53, 53])
    expect(new Set(made).size).toBe(5)
  })

  test('comes from the random bytes alone', () => {
    const chance = () => Uint8Array.of(0x73, 0xc1, 0x4d, 0x8b, 0x35, 0xa3, 0xfd, 0xff)
    expect(newPolynomial(chance)).toBe(0x3da3358b4dc173n)
  })

  test('is not waited for without end when chance is broken', () => {
    const stuck = () => Uint8Array.of(0xdf, 0x88, 0xe2, 0x65, 0xe5, 0xf1, 0x38, 0)
    expect(() => newPolynomial(stuck)).toThrow('the source of chance is broken')
  })

  test('goes through the text of a config and back', () => {
    expect(polynomialToHex(0x3da3358b4dc173n)).toBe('3da3358b4dc173')
    expect(polynomialFromHex('3da3358b4dc173')).toBe(0x3da3358b4dc173n)
    expect(polynomialFromHex('3DA3358B4DC173')).toBe(0x3da3358b4dc173n)
  })

  test.each(['', '0', '7', '38f1e565e288df', '0x3da3358b4dc173', '3da3358b4dc173 ', '13da3358b4dc173', 'three'])(
    'is not read from "%s"',
    (hex) => {
      expect(polynomialFromHex(hex)).toBeUndefined()
    },
  )
})
