/** Cents as a person writes them: `-1234` is `-12,34 €`. */
export function formatEuros(cents: number): string {
  const size = Math.abs(cents)
  return `${cents < 0 ? '-' : ''}${Math.floor(size / 100)},${String(size % 100).padStart(2, '0')} €`
}
