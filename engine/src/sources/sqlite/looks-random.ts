/**
 * Whether bytes may be encrypted: all values as often as chance has them. A chi-square of 255 is usual for random bytes,
 * with a deviation of 23; texts, pictures and programs have thousands. A compressed file may pass: then a key is asked for
 * that does not exist.
 */
export function looksRandom(bytes: Uint8Array): boolean {
  const counts = new Array<number>(256).fill(0)
  for (const byte of bytes) {
    counts[byte] = (counts[byte] ?? 0) + 1
  }
  const expected = bytes.length / 256
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0) < MOST_CHI_SQUARE
}

const MOST_CHI_SQUARE = 420
