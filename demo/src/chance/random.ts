/** Seeded chance: the generator sfc32. The same seed draws the same shop on every machine. */
export class Random {
  #a: number
  #b: number
  #c: number
  #counter = 1
  readonly #seed: string

  constructor(seed: string) {
    this.#seed = seed
    this.#a = fingerprint(seed, 0x9e3779b9)
    this.#b = fingerprint(seed, 0x85ebca6b)
    this.#c = fingerprint(seed, 0xc2b2ae35)
    for (let round = 0; round < 15; round += 1) this.word()
  }

  /** An independent stream: drawing more here changes nothing there. */
  fork(label: string): Random {
    return new Random(`${this.#seed}/${label}`)
  }

  /** 32 random bits. */
  word(): number {
    const sum = (this.#a + this.#b + this.#counter) >>> 0
    this.#counter = (this.#counter + 1) >>> 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) >>> 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) >>> 0
    return sum
  }

  /** At least 0, less than 1. */
  fraction(): number {
    return this.word() / 4_294_967_296
  }

  below(limit: number): number {
    return Math.floor(this.fraction() * limit)
  }

  /** Both ends included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1)
  }

  chance(probability: number): boolean {
    return this.fraction() < probability
  }

  pick<T>(items: readonly T[]): T {
    return present(items[this.below(items.length)])
  }

  /** The first ones are picked more often than the last ones, as in any assortment. */
  pickPopular<T>(items: readonly T[]): T {
    const fraction = this.fraction()
    return present(items[Math.floor(fraction * fraction * items.length)])
  }

  /** One of the items, by its weight. */
  weighted<T>(items: readonly T[], weights: readonly number[]): T {
    let left = this.fraction() * weights.reduce((sum, weight) => sum + weight, 0)
    const index = weights.findIndex((weight) => {
      left -= weight
      return left < 0
    })
    return present(items[index === -1 ? items.length - 1 : index])
  }

  /** So many times eight hexadecimal digits. */
  hex(words: number): string {
    let text = ''
    for (let left = words; left > 0; left -= 1) text += hex(this.word())
    return text
  }

  /** A version 4 UUID. */
  uid(): string {
    const first = hex(this.word())
    const second = hex(this.word())
    const third = hex(this.word())
    const variant = '89ab'[this.word() & 3]
    return `${first}-${second.slice(0, 4)}-4${second.slice(5)}-${variant}${third.slice(1, 4)}-${third.slice(4)}${hex(this.word())}`
  }
}

/** Four hexadecimal digits of every 16 bits: drawing ids is half of what a generator does. */
const QUARTERS: readonly string[] = Array.from({ length: 65_536 }, (_none, bits) => bits.toString(16).padStart(4, '0'))

function hex(word: number): string {
  return `${QUARTERS[word >>> 16]}${QUARTERS[word & 0xffff]}`
}

/** FNV-1a, started from a salt. */
function fingerprint(text: string, salt: number): number {
  let hash = (0x811c9dc5 ^ salt) >>> 0
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash
}

function present<T>(item: T | undefined): T {
  if (item === undefined) throw new RangeError('nothing to pick from')
  return item
}
