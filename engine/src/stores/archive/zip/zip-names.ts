import { isEntryPath } from '../../../snapshot/entry.ts'
import { TextSet } from '../../text-set.ts'

/**
 * The names of one archive, each at its own place on every platform: no two are the same where letters in capitals, or
 * composed in another way, are the same letters, and none is a folder of another.
 */
export class ZipNames {
  readonly #files = new TextSet()
  readonly #folders = new TextSet()

  /** Takes one more name. When it can't, it says why and nothing is taken. */
  add(name: string): string | undefined {
    if (!isEntryPath(name) || !name.isWellFormed()) {
      return 'is no name that a file may have everywhere'
    }
    const key = placeOf(name)
    if (this.#files.has(key)) {
      return 'is there twice, or differs from another name in capitals or composed letters only'
    }
    if (this.#folders.has(key)) {
      return 'is both a file and a folder'
    }
    const folders = this.#newFoldersOf(key)
    if (folders.some((folder) => this.#files.has(folder))) {
      return 'lies in a folder that is also a file'
    }
    for (const folder of folders) {
      this.#folders.add(folder)
    }
    this.#files.add(key)
    return undefined
  }

  /** The folders that a name lies in, from the innermost up to one that is known: those above it are known too. */
  #newFoldersOf(key: string): string[] {
    const found: string[] = []
    for (let end = key.lastIndexOf('/'); end > 0; end = key.lastIndexOf('/', end - 1)) {
      const folder = key.slice(0, end)
      if (this.#folders.has(folder)) {
        break
      }
      found.push(folder)
    }
    return found
  }
}

/** Names with the same place are one file on some platform. Letters are folded one by one: "ß" is not "ss". */
function placeOf(name: string): string {
  if (ASCII.test(name)) {
    return name.toLowerCase()
  }
  return Array.from(name.normalize('NFC'), foldLetter).join('').normalize('NFC')
}

function foldLetter(letter: string): string {
  const capital = letter.toUpperCase()
  const small = (Array.from(capital).length === 1 ? capital : letter).toLowerCase()
  return Array.from(small).length === 1 ? small : letter
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the range begins there
const ASCII = /^[\u0000-\u007f]*$/
