/** The images that are not in a backup, as sentences of its label: not more than a label has room for. */
export class LeftOutImages {
  readonly #sentences: string[] = []
  #more = 0

  add(path: string, why: string): void {
    if (this.#sentences.length < MOST_PROBLEMS) {
      this.#sentences.push(`image ${path} is not in this backup: ${why}`)
    } else {
      this.#more++
    }
  }

  get problems(): readonly string[] {
    return this.#more > 0 ? [...this.#sentences, `${this.#more} more images are not in this backup`] : this.#sentences
  }
}

const MOST_PROBLEMS = 50
