import type { RandomBytes } from '../../../model/random-id.ts'
import { degreeOf, type Polynomial } from './gf2.ts'
import { isIrreducible } from './is-irreducible.ts'

/** The degree of every repository's polynomial: the largest prime that leaves a byte free above it in 64 bits. */
const POLYNOMIAL_DEGREE = 53

const RANDOM_BITS = (1n << BigInt(POLYNOMIAL_DEGREE)) - 1n
/** The highest coefficient gives the degree; without the lowest, x would be a factor. */
const FIXED_BITS = (1n << BigInt(POLYNOMIAL_DEGREE)) | 1n

/** One in 26 candidates will do: so many in vain are no bad luck. */
const MOST_TRIES = 10_000

/** The polynomial of a new repository. It is secret: who knows it could tell known files by the sizes of their chunks. */
export function newPolynomial(random: RandomBytes): Polynomial {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const candidate = (Buffer.from(random(8)).readBigUInt64LE() & RANDOM_BITS) | FIXED_BITS
    if (isIrreducible(candidate)) {
      return candidate
    }
  }
  throw new Error(`none of ${MOST_TRIES} random polynomials is irreducible: the source of chance is broken`)
}

/** A polynomial as the config writes it (`chunker_polynomial`): lower-case hex without `0x`. */
export function polynomialToHex(polynomial: Polynomial): string {
  return polynomial.toString(16)
}

/** The polynomial that a config names; undefined when it is none that can cut: of another degree, or reducible. */
export function polynomialFromHex(hex: string): Polynomial | undefined {
  if (!/^[0-9a-f]{1,16}$/i.test(hex)) {
    return undefined
  }
  const polynomial = BigInt(`0x${hex}`)
  return degreeOf(polynomial) === POLYNOMIAL_DEGREE && isIrreducible(polynomial) ? polynomial : undefined
}
