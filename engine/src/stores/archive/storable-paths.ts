import { IMAGES_PREFIX } from './archive-paths.ts'
import { ZipNames } from './zip/zip-names.ts'

/** Which images of one part have paths that an archive can hold, on every platform that unpacks it. */
export class StorablePaths {
  readonly #prefix: string
  readonly #names = new ZipNames()

  constructor(prefix: string) {
    this.#prefix = prefix
  }

  /** Why an image can't be stored; undefined when it can, and then its path is taken. */
  refusalOf(path: string): string | undefined {
    const whole = this.#prefix + path
    if (!path.startsWith(IMAGES_PREFIX) || !whole.isWellFormed()) {
      return 'its path cannot be stored'
    }
    const wrong = this.#names.add(whole)
    return wrong === undefined ? undefined : `its name ${wrong}`
  }
}
