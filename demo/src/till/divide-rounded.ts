/** Whole-number division, halves away from zero: how a till rounds cents. */
export function divideRounded(dividend: number, divisor: number): number {
  const size = Math.floor((2 * Math.abs(dividend) + divisor) / (2 * divisor))
  return dividend < 0 && size > 0 ? -size : size
}
