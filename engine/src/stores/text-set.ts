import { hash, randomBytes } from 'node:crypto'

const WORDS = 4
const FIRST_PLACES = 1024

/**
 * Which texts have been met, in some 30 bytes for each however long it is: a hash of 128 bits takes its place. Nobody
 * can make two texts that count as one, since a key that nobody knows goes into the hash.
 */
export class TextSet {
  readonly #key: string = randomBytes(16).toString('hex')
  /** Four words for each place; all zero where nothing is. */
  #places = new Uint32Array(FIRST_PLACES * WORDS)
  #count = 0

  has(text: string): boolean {
    const words = this.#wordsOf(text)
    return this.#places[placeOf(words, this.#places)] !== 0
  }

  add(text: string): void {
    if (2 * WORDS * this.#count >= this.#places.length) {
      this.#grow()
    }
    this.#count += put(this.#wordsOf(text), this.#places)
  }

  #wordsOf(text: string): Uint32Array {
    const digest = hash('sha256', this.#key + text, 'buffer')
    const first = digest.readUInt32LE(0) | 1 // no zero: that is an empty place
    return Uint32Array.of(first, digest.readUInt32LE(4), digest.readUInt32LE(8), digest.readUInt32LE(12))
  }

  #grow(): void {
    const before = this.#places
    this.#places = new Uint32Array(before.length * 2)
    for (let at = 0; at < before.length; at += WORDS) {
      if (before[at] !== 0) {
        put(before.subarray(at, at + WORDS), this.#places)
      }
    }
  }
}

/** How many were added: one, or none when it is there already. */
function put(words: Uint32Array, places: Uint32Array): number {
  const at = placeOf(words, places)
  const isNew = places[at] === 0
  places.set(words, at)
  return isNew ? 1 : 0
}

/** Where these words are, or the empty place where they belong. */
function placeOf(words: Uint32Array, places: Uint32Array): number {
  const isHere = (at: number): boolean => words.every((word, index) => places[at + index] === word)
  const last = places.length / WORDS - 1
  let place = (words[1] ?? 0) & last
  while (places[place * WORDS] !== 0 && !isHere(place * WORDS)) {
    place = (place + 1) & last
  }
  return place * WORDS
}
