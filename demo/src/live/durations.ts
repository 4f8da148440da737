import type { DurationSummary } from './seller-statistics.ts'

/** Measured milliseconds, kept one by one so that the longest and the percentiles are true. */
export class Durations {
  #values = new Float64Array(1024)
  #count = 0

  add(ms: number): void {
    if (this.#count === this.#values.length) {
      const larger = new Float64Array(this.#count * 2)
      larger.set(this.#values)
      this.#values = larger
    }
    this.#values[this.#count] = ms
    this.#count += 1
  }

  clear(): void {
    this.#count = 0
  }

  summarize(): DurationSummary {
    const sorted = this.#values.slice(0, this.#count).sort()
    const at = (part: number) => sorted[Math.min(this.#count - 1, Math.floor(this.#count * part))] ?? 0
    return { count: this.#count, medianMs: at(0.5), p99Ms: at(0.99), longestMs: sorted.at(-1) ?? 0 }
  }
}
