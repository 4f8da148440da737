import type { Destination, Key } from '../destinations/destination.ts'
import type { Content } from '../snapshot/content.ts'
import { hasCode } from './has-code.ts'

/** The objects that one save has written or begun to write, so that a save that fails can take them back. */
export class OwnObjects {
  readonly #destination: Destination
  readonly #keys: Key[] = []

  constructor(destination: Destination) {
    this.#destination = destination
  }

  async write(key: Key, content: Content): Promise<void> {
    this.#keys.push(key) // even when the write fails, the object may be there
    try {
      await this.#destination.write(key, content)
    } catch (error) {
      if (hasCode(error, 'destination.name-taken')) {
        this.#keys.pop() // it is someone else's
      }
      throw error
    }
  }

  /** Removes them, the last one first: the marker of a backup stays as long as anything else of it does. */
  async removeAll(): Promise<void> {
    for (let key = this.#keys.pop(); key !== undefined; key = this.#keys.pop()) {
      await this.#destination.remove(key)
    }
  }
}
