/** The characters of the standard fonts of PDF beyond Latin-1: those of Windows-1252. */
const BEYOND_LATIN_1 = '€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ'

/**
 * Whether the page can print a character so that a person types the same: the standard fonts have it, and it is no blank of
 * another width and no control character.
 */
export function isPrintable(character: string): boolean {
  return /^[\u0020-\u007e\u00a1-\u00ac\u00ae-\u00ff]$/.test(character) || BEYOND_LATIN_1.includes(character)
}

/** A name as the page prints it, in the letters that it has: `Ż` as `Z`, `ĳ` as `ij`, `店` as `?`. */
export function toPrint(name: string): string {
  return Array.from(name.normalize('NFC'), (character) => (isPrintable(character) ? character : plain(character))).join(
    '',
  )
}

/** A path as the page prints it: what it can't print is a `?`, since another letter would be another path. */
export function pathToPrint(path: string): string {
  return Array.from(path, (character) => (isPrintable(character) ? character : '?')).join('')
}

function plain(character: string): string {
  const letters = character.normalize('NFKD').replace(/\p{M}/gu, '')
  return letters !== '' && Array.from(letters).every(isPrintable) ? letters : '?'
}
