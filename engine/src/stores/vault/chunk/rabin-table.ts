import { degreeOf, type Polynomial } from './gf2.ts'

/** How many bytes a fingerprint is of. */
export const WINDOW_BYTES = 64

/**
 * What makes a fingerprint roll on by a byte. A fingerprint is the remainder of the window's bytes, read as a polynomial,
 * by the repository's. For each value b of a byte stand four numbers of 32 bits side by side, two halves (high, low) each:
 *
 * - 4b, 4b+1: what b, standing in the eight bits above the remainder, comes to: those bits, and their remainder;
 * - 4b+2, 4b+3: what b leaves when it has gone through the window and out of it.
 */
export type RabinTable = Int32Array

export function rabinTable(polynomial: Polynomial): RabinTable {
  const degree = degreeOf(polynomial)
  const above = (bits: Polynomial): Polynomial => bits << BigInt(degree)
  const overflow = combinations(powersOfX(degree, polynomial))
  const leaving = combinations(powersOfX(8 * WINDOW_BYTES, polynomial))
  const table = new Int32Array(4 * 256)
  for (let byte = 0; byte < 256; byte += 1) {
    const cancelled = above(BigInt(byte)) ^ at(overflow, byte)
    const left = at(leaving, byte)
    table.set([half(cancelled >> 32n), half(cancelled), half(left >> 32n), half(left)], 4 * byte)
  }
  return table
}

/** The remainders of x^from, x^(from+1) … x^(from+7). */
function powersOfX(from: number, polynomial: Polynomial): readonly Polynomial[] {
  const degree = BigInt(degreeOf(polynomial))
  const powers: Polynomial[] = []
  let power: Polynomial = 1n
  for (let exponent = 0; exponent < from + 8; exponent += 1) {
    if (exponent >= from) {
      powers.push(power)
    }
    power <<= 1n
    if (power >> degree) {
      power ^= polynomial
    }
  }
  return powers
}

/** For each byte, the sum of the powers that its bits choose. */
function combinations(powers: readonly Polynomial[]): readonly Polynomial[] {
  return Array.from({ length: 256 }, (_, byte) =>
    powers.reduce((sum, power, bit) => ((byte >> bit) & 1 ? sum ^ power : sum), 0n),
  )
}

function at(list: readonly Polynomial[], index: number): Polynomial {
  return list[index] ?? 0n
}

function half(bits: bigint): number {
  return Number(BigInt.asIntN(32, bits))
}
