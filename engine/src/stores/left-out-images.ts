/** The images that are not in a backup, as sentences of its label: not more than a label has room for. */
export class LeftOutImages {
  readonly #sentences: string[] = []

  add(path: string, why: string): void {
    this.#sentences.push(`image ${path} is not in this backup: ${why}`)
  }

  get problems(): readonly string[] {
    const more = this.#sentences.length - MOST_PROBLEMS
    return more > 0
      ? [...this.#sentences.slice(0, MOST_PROBLEMS), `${more} more images are not in this backup`]
      : this.#sentences
  }
}

const MOST_PROBLEMS = 50
