/** The name of a file as restic writes it into JSON: quoted by Go, without the quotes. */
export function quoteName(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
  return name.replace(/[\\"\u0000-\u001f\u007f]/g, (character) =>
    character === '\\' || character === '"'
      ? `\\${character}`
      : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}

const LETTERS: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 }
const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([abtnvfr"'\\]))/g

/** Takes Go's quoting off a name. Bytes that are no UTF-8 become U+FFFD. */
export function unquoteName(quoted: string): string {
  const pieces: Buffer[] = []
  let position = 0
  for (const found of quoted.matchAll(ESCAPE)) {
    pieces.push(Buffer.from(quoted.slice(position, found.index)), unescaped(found))
    position = found.index + found[0].length
  }
  return position === 0 ? quoted : Buffer.concat([...pieces, Buffer.from(quoted.slice(position))]).toString()
}

/** One escape: a byte, a character by its number, or a letter that stands for one. */
function unescaped([, hex, short, long, octal, letter = '']: RegExpExecArray): Buffer {
  const rune = short ?? long
  if (rune !== undefined) {
    return Buffer.from(String.fromCodePoint(Number.parseInt(rune, 16)))
  }
  const byte = hex === undefined ? Number.parseInt(octal ?? '', 8) : Number.parseInt(hex, 16)
  const meant = LETTERS[letter]
  return Number.isNaN(byte) ? (meant === undefined ? Buffer.from(letter) : Buffer.of(meant)) : Buffer.of(byte & 0xff)
}

/** An instant as Go writes it: RFC 3339 in UTC, without zeros at the end of its fraction. */
export function goTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.?0*Z$/, 'Z')
}
