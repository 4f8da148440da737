import { type RandomBytes, TillsafeError } from '../model/index.ts'
import { sha256OfBytes } from '../work/sha256.ts'

/** Crockford's alphabet: no I, L, O or U, which are taken for other characters. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const RANDOM_BYTES = 20
/** 160 random bits, five to a character. */
const KEY_CHARACTERS = 32
const CHECK_CHARACTERS = 4
const GROUP = 4
const PREFIX = 'TILL'

/**
 * A new recovery key, as it is printed and as it opens `recovery.age`: `TILL`, eight groups of four characters, and a
 * ninth that shows typing mistakes, joined by dashes.
 */
export function newRecoveryKey(random: RandomBytes): string {
  return printed(charactersOf(random(RANDOM_BYTES)))
}

/**
 * A recovery key as a person typed it, in its printed form. Small letters, blanks and dashes make no difference, nor do O
 * for 0, I or L for 1, nor a missing TILL. Error: `key.wrong`, which never repeats what was typed.
 */
export function parseRecoveryKey(typed: string): string {
  const characters = withoutPrefix(plain(typed))
  const stranger = [...characters].find((character) => !ALPHABET.includes(character))
  if (stranger !== undefined) {
    throw mistyped(`it has a character that no recovery key has: ${JSON.stringify(stranger)}`)
  }
  if (characters.length !== KEY_CHARACTERS + CHECK_CHARACTERS) {
    throw mistyped(`it has ${characters.length} characters after ${PREFIX}, not ${KEY_CHARACTERS + CHECK_CHARACTERS}`)
  }
  const key = characters.slice(0, KEY_CHARACTERS)
  if (checkOf(key) !== characters.slice(KEY_CHARACTERS)) {
    throw mistyped('its last group does not fit the others')
  }
  return printed(key)
}

/** The first 20 bits of a SHA-256: one mistake in a million goes unseen here, and then opens nothing. */
function checkOf(key: string): string {
  return charactersOf(Buffer.from(sha256OfBytes(`tillsafe recovery key ${key}`), 'hex')).slice(0, CHECK_CHARACTERS)
}

function printed(key: string): string {
  return [PREFIX, ...(`${key}${checkOf(key)}`.match(new RegExp(`.{${GROUP}}`, 'g')) ?? [])].join('-')
}

function plain(typed: string): string {
  return typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s\p{Pd}\u2212_.]/gu, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1')
}

function withoutPrefix(characters: string): string {
  const prefix = plain(PREFIX)
  return characters.startsWith(prefix) && characters.length > KEY_CHARACTERS + CHECK_CHARACTERS
    ? characters.slice(prefix.length)
    : characters
}

/** Five bits a character, the first bit first; bits that are left over are dropped. */
function charactersOf(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{5}/g) ?? []).map((five) => ALPHABET[Number.parseInt(five, 2)]).join('')
}

function mistyped(why: string): TillsafeError {
  return new TillsafeError('key.wrong', `this is no recovery key: ${why}`, {
    hint: 'Compare it with the paper, group by group. Small letters, blanks and dashes make no difference.',
  })
}
