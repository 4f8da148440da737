import { seeded } from '../kill/choose-points.ts'

/** Chance that is the same for the same seed. */
export class SeededRandom {
  readonly #next: () => number

  constructor(seed: number) {
    this.#next = seeded(seed)
  }

  /** A whole number from 0 up to, not including, `end`; 0 when there is no choice. */
  below(end: number): number {
    return Math.floor(this.#next() * Math.max(end, 1))
  }

  pick<T>(choices: readonly T[]): T {
    const chosen = choices[this.below(choices.length)]
    if (chosen === undefined) {
      throw new Error('there is nothing to choose from')
    }
    return chosen
  }

  bytes(count: number): Buffer {
    return Buffer.from(Array.from({ length: count }, () => this.below(256)))
  }
}
