/**
 * A polynomial over GF(2), as a number whose bit n is the coefficient of x^n: adding is XOR. Slow and plain; for the
 * few hundred steps that prepare a repository, not for its bytes.
 */
export type Polynomial = bigint

/** -1 for the polynomial 0. */
export function degreeOf(polynomial: Polynomial): number {
  return polynomial === 0n ? -1 : polynomial.toString(2).length - 1
}

export function commonDivisorOf(a: Polynomial, b: Polynomial): Polynomial {
  return b === 0n ? a : commonDivisorOf(b, remainderOf(a, b))
}

export function productModulo(a: Polynomial, b: Polynomial, modulus: Polynomial): Polynomial {
  let product = 0n
  for (let bit = degreeOf(b); bit >= 0; bit -= 1) {
    product <<= 1n
    if ((b >> BigInt(bit)) & 1n) {
      product ^= a
    }
    product = remainderOf(product, modulus)
  }
  return product
}

function remainderOf(dividend: Polynomial, divisor: Polynomial): Polynomial {
  const degree = degreeOf(divisor)
  let rest = dividend
  for (let above = degreeOf(rest) - degree; above >= 0; above = degreeOf(rest) - degree) {
    rest ^= divisor << BigInt(above)
  }
  return rest
}
