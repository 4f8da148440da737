import { commonDivisorOf, degreeOf, type Polynomial, productModulo } from './gf2.ts'

const X: Polynomial = 2n

/**
 * Whether a polynomial is no product of smaller ones. Ben-Or's test: x^(2^i) − x is the product of all irreducible
 * polynomials whose degree divides i, so that a polynomial with a factor of degree i up to half its own shares it.
 */
export function isIrreducible(polynomial: Polynomial): boolean {
  const degree = degreeOf(polynomial)
  let power = X
  for (let i = 1; i <= degree / 2; i += 1) {
    power = productModulo(power, power, polynomial)
    if (commonDivisorOf(polynomial, power ^ X) !== 1n) {
      return false
    }
  }
  return degree > 0
}
